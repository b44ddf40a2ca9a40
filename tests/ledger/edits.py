"""Edits of one row by SQL: a change of a column, a removal, a swap of two rows, an addition."""

from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st
from sqlalchemy import Connection, Row, Table, and_, delete, func, insert, select, update
from typing_extensions import override

from risksentinel.adapters.sql.tables import (
    audit_log,
    fraud_rule_versions,
    fraud_rules,
    labels,
    ledger_leaves,
    ledger_tiles,
    risk_scores,
)
from tests.ledger.edited_places import Done, Places, earliest
from tests.ledger.edited_values import COVERED, other_value

REMOVED: Final = (audit_log, ledger_leaves, ledger_tiles, risk_scores, labels, fraud_rule_versions)
SWAPPED: Final = (audit_log, ledger_leaves)
ADDED: Final = (audit_log, labels)


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
    row, places = rows[edit.row % len(rows)], Places(connection)
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


def _changed(connection: Connection, edit: Edit, row: Row[Any], places: Places) -> Done | None:
    names = COVERED[edit.table]
    name = names[edit.column % len(names)]
    value = other_value(name, getattr(row, name), edit.other)
    first = places.of(edit.table, row)
    if (edit.table, name, value) == (audit_log, "tag", None) and places.tagged_from in first:
        return None  # its content is still proven: an earlier release may have written it
    change = update(edit.table).where(_key(edit.table, row)).values({name: value})
    connection.execute(change)
    return Done(f"{name} of {row} is {value!r}", first)


def _added(connection: Connection, table: Table, row: Row[Any], places: Places) -> Done:
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
    connection: Connection, table: Table, one: Row[Any], two: Row[Any], places: Places
) -> Done | None:
    keys = {column.name for column in table.primary_key} | {"committed_in"}
    names = [column.name for column in table.columns if column.name not in keys]
    contents = [{name: getattr(row, name) for name in names} for row in (one, two)]
    if contents[0] == contents[1]:
        return None
    for row, values in ((one, contents[1]), (two, contents[0])):
        connection.execute(update(table).where(_key(table, row)).values(values))
    both = places.of(table, one), places.of(table, two)
    return Done(f"{one} and {two} swapped", min(both, key=earliest))


def _is_old(connection: Connection, row: Row[Any]) -> bool:
    query = select(fraud_rules.c.version).where(fraud_rules.c.id == row.rule_id)
    return bool(connection.execute(query).scalar_one() != row.version)


def _key(table: Table, row: Row[Any]) -> Any:  # noqa: ANN401 - SQLAlchemy's
    return and_(*(column == getattr(row, column.name) for column in table.primary_key))
