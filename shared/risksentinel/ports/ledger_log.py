"""LedgerLog, HeadSigner, Anchors: the ledger's tree, its signatures, and its anchors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from risksentinel.domain.checked_value import checked_value
from risksentinel.domain.ledger_entry import Head, LedgerEntry
from risksentinel.domain.merkle import Tile
from risksentinel.ports.pages import Page


@dataclass(frozen=True, slots=True)
class Place:
    """The last chained entry: entries are chained in the order of (commit, entry)."""

    commit: int | None  # None on SQLite, and before the first entry that has one
    entry: int


@dataclass(frozen=True, slots=True)
class ChainState:
    """Where the next leaf is appended; `frontier` is that of the domain's `Frontier`, packed."""

    head: Head
    frontier: bytes
    last: Place


@checked_value
class Leaf:
    """A leaf of the tree; `sequence` counts from 0."""

    sequence: int
    entry_id: int
    entry_at: datetime
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class Pending:
    """Committed entries without a leaf, in order, and the state that they are appended to."""

    state: ChainState
    entries: Sequence[tuple[int | None, LedgerEntry]]  # the commit of each entry


@dataclass(frozen=True, slots=True)
class Appended:
    """Leaves and tiles to store, and the state after them."""

    leaves: Sequence[Leaf]
    tiles: Sequence[Tile]
    state: ChainState


class LedgerLog(Protocol):
    """The tree over the audit log, for the process that chains."""

    def pending(self, most: int) -> Pending:
        """The next entries to chain; every earlier transaction has ended."""

    def append(self, before: ChainState, new: Appended) -> bool:
        """Store all of it; False where another process has appended since `before` was read."""

    def head(self) -> Head:
        """The head of all chained entries."""

    def anchored(self) -> Head | None:
        """The newest stored head; None without one."""

    def keep(self, head: Head) -> None:
        """Store a head permanently; a head of the same size stays."""

    def lag(self) -> datetime | None:
        """The time of the oldest entry without a leaf; None without one."""


class HeadSigner(Protocol):
    """The key of the ledger."""

    @property
    def public(self) -> bytes:
        """The public key."""

    def sign(self, head: Head) -> Head: ...

    def is_valid(self, head: Head) -> bool:
        """Whether this key signed the head."""


class Anchors(Protocol):
    """Heads outside the database."""

    def add(self, head: Head, public_key: bytes | None) -> bool:
        """Store the head; False where one of its size is stored. Raises Unavailable."""

    def heads(self) -> Sequence[Head]:
        """All heads, the smallest first. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry, its leaf, and the audit path to the root of the head."""

    entry: LedgerEntry
    leaf: Leaf
    head: Head
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries to list."""

    subject: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class LedgerRecords(Protocol):
    """The entries, for readers."""

    def entries(
        self, which: EntryFilter, after: tuple[str, ...] | None, most: int
    ) -> Page[LedgerEntry]:
        """Newest first."""

    def proof(self, entry_id: int) -> Proof:
        """The entry with its proof. Raises NotFound, and Conflict before the entry is chained."""

    def entry(self, entry_id: int) -> LedgerEntry:
        """The entry. Raises NotFound."""

    def head(self) -> Head:
        """The head of all chained entries."""
