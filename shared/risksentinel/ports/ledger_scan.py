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

    def leaves(self, begin: int, most: int) -> Sequence[Leaf]:
        """Leaves in order, from the first whose sequence is `begin` or more."""

    def first_since(self, at: datetime) -> int:
        """The sequence of the first leaf of an entry at or after the moment."""

    def entries(self, ids: Sequence[int]) -> Mapping[int, LedgerEntry]: ...

    def unchained(self) -> Sequence[LedgerEntry]:
        """Entries without a leaf although later entries have one."""

    def pending(self) -> Sequence[LedgerEntry]:
        """Entries that wait for their leaf."""

    def repeated(self) -> Sequence[int]:
        """Ids of entries that repeat the tag of another entry."""

    def tiles(self) -> Iterable[Tile]: ...

    def heads(self) -> Sequence[Head]: ...

    def of_action(self, action: str) -> Sequence[LedgerEntry]: ...

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
