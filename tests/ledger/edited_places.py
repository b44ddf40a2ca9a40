"""The place of an edited row in the ledger, which a verification must name first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, select

from risksentinel.adapters.sql.tables import (
    audit_log,
    fraud_rule_versions,
    fraud_rules,
    labels,
    ledger_heads,
    ledger_leaves,
    ledger_state,
    ledger_tiles,
    risk_scores,
    transactions,
)
from risksentinel.domain.ledger_fault import Fault
from risksentinel.usecases.compare_entries import ERASED

_SUBJECTS: Final[Mapping[Table, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {  # the column with the subject of the entry, and the actions that describe the row
        risk_scores: ("transaction_id", ("transaction.scored",)),
        transactions: ("id", ("transaction.scored",)),
        labels: ("transaction_id", ("transaction.labelled",)),
        fraud_rule_versions: ("rule_id", ("rule.",)),
        fraud_rules: ("id", ()),
    }
)


@dataclass(frozen=True, slots=True)
class Done:
    """What was edited; `first` are the possible sequences of the first wrong entry.

    None is an entry without a leaf. Of a head only the words are known.
    """

    what: str
    first: frozenset[int | None]

    def is_named_by(self, fault: Fault) -> bool:
        """Whether the fault is at the first wrong entry, or in a range that contains the entry."""
        if not self.first:
            return "head" in fault.what
        if fault.end is None:
            return fault.sequence in self.first
        begin = fault.sequence or 0
        return any(each is not None and begin <= each < fault.end for each in self.first)


class Places:
    """Sequences of entries, read before the edit."""

    def __init__(self, connection: Connection) -> None:
        query = select(
            ledger_leaves.c.sequence, audit_log.c.id, audit_log.c.action, audit_log.c.subject_id,
            audit_log.c.tag, audit_log.c.details,
        ).join(audit_log, audit_log.c.id == ledger_leaves.c.entry_id)  # fmt: skip
        self.entries: Sequence[Any] = connection.execute(
            query.order_by(ledger_leaves.c.sequence)
        ).all()
        self.tagged_from = next(each.sequence for each in self.entries if each.tag is not None)

    def of(self, table: Table, row: Row[Any]) -> frozenset[int | None]:
        """The entries that the row belongs to; empty for a head."""
        if table is ledger_leaves:
            return frozenset({row.sequence})
        if table is ledger_tiles:
            return frozenset({row.number << row.height})
        if table in {ledger_heads, ledger_state}:
            return frozenset()
        mine = next(self._matching(table, row), None)
        if table is audit_log and row.action == ERASED:
            return frozenset({mine, *self._erased(row)})
        return frozenset({mine})

    def _erased(self, row: Row[Any]) -> Iterator[int]:
        """The entry of the first payment that an erasure rewrote, and that seems to be changed."""
        for each in self.entries:
            if each.action == "transaction.scored" and each.subject_id in row.details["payments"]:
                yield each.sequence
                return

    def _matching(self, table: Table, row: Row[Any]) -> Iterator[int]:
        for each in self.entries:
            if table is audit_log:
                if each.id == row.id:
                    yield each.sequence
                continue
            column, actions = _SUBJECTS[table]
            same = each.subject_id == getattr(row, column) and each.action.startswith(actions)
            version = getattr(row, "version", None) if actions != ("transaction.scored",) else None
            if same and version in {None, each.details.get("version")}:
                yield each.sequence


def earliest(places: frozenset[int | None]) -> int:
    """The sequence of the first of these entries that has a leaf."""
    return min(each for each in places if each is not None)
