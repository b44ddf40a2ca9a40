"""copy_payments: copies scored payments of one database into another one several times.

Each copy has its own ids and earlier times; receipts, accounts and amounts are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Engine, Table, select

from risksentinel.adapters.sql.count_hours import count_hours
from risksentinel.adapters.sql.driver import writing_line
from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.insert import insert_all
from risksentinel.adapters.sql.tables import (
    alerts,
    audit_log,
    risk_scores,
    statutory_reports,
    transaction_claims,
    transactions,
)

_TABLES: Final = (
    transaction_claims,
    transactions,
    risk_scores,
    alerts,
    statutory_reports,
    audit_log,
)
_IDS: Final = ("id", "transaction_id", "subject_id")
_ROWS: Final = 1_000  # read at a time
Values = Mapping[str, Any]


def copy_payments(source: Engine, target: Engine, copies: int, step: timedelta) -> None:
    """Copy all payments; each copy is `step` earlier than the previous one. Updates the figures."""
    for table in _TABLES:
        for rows in _rows(source, table):
            for number in range(copies):
                copied = [_copy(table, row, number, step) for row in rows]
                with writing_line(target) as line:
                    insert_all(line, [(table, copied)])
    with writing(target) as connection:
        count_hours(connection)


def _rows(source: Engine, table: Table) -> Iterator[Sequence[Values]]:
    query = select(table)
    if table is audit_log:
        query = query.where(audit_log.c.subject_kind == "transaction")
    with reading(source) as connection:
        found = connection.execution_options(yield_per=_ROWS).execute(query).mappings()
        for some in found.partitions():
            yield [{str(name): value for name, value in row.items()} for row in some]


def _copy(table: Table, row: Values, number: int, step: timedelta) -> Values:
    copied: dict[str, Any] = {
        name: f"{value}-{number}" if name in _IDS else value
        for name, value in row.items()
        if not (table is audit_log and name == "id")  # the database assigns these ids
    }
    if "occurred_at" in copied:
        copied["occurred_at"] -= number * step
    return copied
