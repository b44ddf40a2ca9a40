"""LedgerScan: everything that a verification of the ledger reads, in one consistent snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from risksentinel.domain.ledger_entry import Head, LedgerEntry
from risksentinel.domain.merkle import Tile
from risksentinel.ports.ledger_log import ChainState, Leaf


@dataclass(frozen=True, slots=True)
class ScannedVerdict:
    """What is stored of a verdict; `commitment` is computed from the row, None without a key."""

    score: str
    decision: str
    commitment: str | None


@dataclass(frozen=True, slots=True)
class ScannedRule:
    """A version of a rule, or the rule in force."""

    rule_id: str
    version: int
    document: Any
    active: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ScannedLabel:
    """A label; `key` is its payment, source and version."""

    key: tuple[str, str, int]
    finding: str
    reported_by: str
    reported_at: datetime
    written_at: datetime


@dataclass(frozen=True, slots=True)
class ScannedCase:
    """The state of an alert or of a report, as the entries of changes describe it."""

    id: str
    version: int
    state: Mapping[str, str | None]


class LedgerScan(Protocol):
    """One snapshot of the database."""

    def state(self) -> ChainState: ...

    def leaf_hashes(self, begin: int, most: int) -> Sequence[tuple[int, bytes]]:
        """Sequences and hashes in order, from the first whose sequence is `begin` or more."""

    def leaves(self, begin: int, end: int) -> Sequence[Leaf]:
        """The leaves from sequence `begin` to before `end`, in order."""

    def first_since(self, at: datetime) -> int:
        """The sequence of the first leaf of an entry at or after the moment."""

    def entries(self, leaves: Sequence[Leaf]) -> Mapping[int, LedgerEntry]:
        """The entries of these leaves, by id."""

    def unchained(self) -> Sequence[LedgerEntry]:
        """Entries without a leaf although later entries have one."""

    def pending(self, after: int, most: int) -> Sequence[LedgerEntry]:
        """Entries without a leaf whose id is above `after`, in the order of their ids."""

    def repeated(self) -> Sequence[int]:
        """Ids of entries that repeat the tag of another entry, or have two leaves."""

    def tiles(self) -> Iterable[Tile]: ...

    def heads(self) -> Sequence[Head]: ...

    def of_actions(self, actions: Sequence[str]) -> Sequence[LedgerEntry]:
        """The entries of these actions, in the order of their ids."""

    def is_authentic(self, entry: LedgerEntry) -> bool | None:
        """Whether a process with the ledger's key wrote the entry; None without the key."""

    def verdicts(self, ids: Sequence[str]) -> Mapping[str, ScannedVerdict]: ...

    def unexplained_verdicts(self) -> Sequence[tuple[str, datetime]]:
        """Payments with a verdict and no entry, and the times of their verdicts."""

    def labels(self) -> Iterable[ScannedLabel]: ...

    def rule_versions(self) -> Sequence[ScannedRule]: ...

    def rules(self) -> Sequence[ScannedRule]: ...

    def cases(self, kind: str) -> Iterable[ScannedCase]:
        """All alerts, or all reports."""


class OpensScan(Protocol):
    """Opens a snapshot."""

    def __call__(self) -> AbstractContextManager[LedgerScan]: ...
