"""Edits of one row by SQL, and the place in the ledger that a verification must name first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from hypothesis import strategies as st
from sqlalchemy import Connection, Row, Table, and_, delete, func, insert, select, update
from typing_extensions import override

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

# The columns that entries, commitments, roots and signatures cover.
COVERED: Final[Mapping[Table, tuple[str, ...]]] = MappingProxyType(
    {
        audit_log: ("at", "actor", "action", "subject_kind", "subject_id", "details", "tag"),
        ledger_leaves: ("leaf_hash", "entry_id", "entry_at"),
        ledger_tiles: ("root",),
        ledger_heads: ("size", "root", "at", "signature"),
        ledger_state: ("size", "frontier", "last_entry", "root", "at", "signature"),
        risk_scores: (
            "score",
            "risk_level",
            "decision",
            "scored_at",
            "reasons",
            "receipt",
            "commitment_key",
        ),
        transactions: (
            "sender_id",
            "receiver_id",
            "amount_zar",
            "channel",
            "rail",
            "merchant_category",
            "receiver_country",
            "device_id",
            "occurred_at",
        ),
        labels: ("finding", "reported_by", "reported_at"),
        fraud_rule_versions: ("document", "active"),
        fraud_rules: ("document", "name", "active"),
    }
)
REMOVED: Final = (audit_log, ledger_leaves, ledger_tiles, risk_scores, labels, fraud_rule_versions)
SWAPPED: Final = (audit_log, ledger_leaves)
ADDED: Final = (audit_log, labels)
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
class Edit:
    """One edit; `row` and `column` count modulo the number of those that there are."""

    kind: str  # "change", "remove", "swap" or "add"
    table: Table
    row: int
    column: int
    other: int  # the second row of a swap

    @override
    def __repr__(self) -> str:
        return f"{self.kind} {self.table.name}, row {self.row}, {self.column}, {self.other}"


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


_numbers: Final = st.integers(0, 10_000)
_targets: Final = st.sampled_from(
    [
        *(("change", table) for table in COVERED),
        *(("remove", table) for table in REMOVED),
        *(("swap", table) for table in SWAPPED),
        *(("add", table) for table in ADDED),
    ]
)
edits: Final = st.builds(
    lambda target, row, column, other: Edit(target[0], target[1], row, column, other),
    _targets,
    _numbers,
    _numbers,
    _numbers,
)


def applied(connection: Connection, edit: Edit) -> Done | None:
    """Make the edit; None where the ledger has no such row, or the edit would change nothing."""
    rows = connection.execute(select(edit.table).order_by(*edit.table.primary_key)).all()
    if not rows:
        return None
    row, places = rows[edit.row % len(rows)], _Places(connection)
    first = places.of(edit.table, row)
    if edit.kind == "change":
        return _changed(connection, edit, row, places)
    if edit.kind == "remove":
        if edit.table is fraud_rule_versions and not _is_old(connection, row):
            return None  # `fraud_rules` still needs it
        connection.execute(delete(edit.table).where(_key(edit.table, row)))
        return Done(f"{row} removed", first)
    if edit.kind == "add":
        return _added(connection, edit.table, row, places)
    other = rows[edit.other % len(rows)]
    return _swapped(connection, edit.table, row, other, places)


def _changed(connection: Connection, edit: Edit, row: Row[Any], places: "_Places") -> Done | None:
    names = COVERED[edit.table]
    name = names[edit.column % len(names)]
    value = _other(name, getattr(row, name), edit.other)
    first = places.of(edit.table, row)
    if (edit.table, name, value) == (audit_log, "tag", None) and places.tagged_from in first:
        return None  # its content is still proven: an earlier release may have written it
    change = update(edit.table).where(_key(edit.table, row)).values({name: value})
    connection.execute(change)
    return Done(f"{name} of {row} is {value!r}", first)


def _added(connection: Connection, table: Table, row: Row[Any], places: "_Places") -> Done:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    if table is audit_log:
        values.pop("committed_in")
        values["id"] = connection.execute(select(func.max(audit_log.c.id))).scalar_one() + 1
        values["actor"] += "x"
    else:
        values["version"] += 1
    connection.execute(insert(table).values(values))
    return Done(f"{values} added", frozenset({None, len(places.entries)}))  # also if it is chained


def _swapped(
    connection: Connection, table: Table, one: Row[Any], two: Row[Any], places: "_Places"
) -> Done | None:
    keys = {column.name for column in table.primary_key} | {"committed_in"}
    names = [column.name for column in table.columns if column.name not in keys]
    contents = [{name: getattr(row, name) for name in names} for row in (one, two)]
    if contents[0] == contents[1]:
        return None
    for row, values in ((one, contents[1]), (two, contents[0])):
        connection.execute(update(table).where(_key(table, row)).values(values))
    both = places.of(table, one), places.of(table, two)
    return Done(f"{one} and {two} swapped", min(both, key=_first))


class _Places:
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


def _first(places: frozenset[int | None]) -> int:
    return min(each for each in places if each is not None)


def _is_old(connection: Connection, row: Row[Any]) -> bool:
    query = select(fraud_rules.c.version).where(fraud_rules.c.id == row.rule_id)
    return bool(connection.execute(query).scalar_one() != row.version)


def _key(table: Table, row: Row[Any]) -> Any:  # noqa: ANN401 - SQLAlchemy's
    return and_(*(column == getattr(row, column.name) for column in table.primary_key))


def _other(name: str, value: Any, number: int) -> Any:  # noqa: ANN401, PLR0911 - any column's value
    """Another value of the column."""
    if value is None:
        return "x"
    if isinstance(value, bool):
        return not value
    if isinstance(value, bytes):
        if name in {"tag", "signature", "commitment_key"} and number % 2:
            return None
        place = number % len(value) if value else 0
        return value[:place] + bytes([(value[place] + 1) % 256]) + value[place + 1 :] or b"x"
    if isinstance(value, datetime):
        return value + timedelta(seconds=1 + number)
    if isinstance(value, Decimal):
        return value + 1 if name == "amount_zar" else (value + Decimal("0.0001")) % 1
    if isinstance(value, int):
        return value + 1 + number
    if isinstance(value, list):
        return [*value, "x"]
    if isinstance(value, dict):
        return {} if number % 3 == 0 and value else {**value, "x": number}
    return value + "x"
