"""Entries of the audit log, read through the driver: their details are the stored text."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection

from risksentinel.adapters.sql.types import in_microseconds, moment_of
from risksentinel.domain.ledger_entry import LedgerEntry

_COLUMNS: Final = "id, at, actor, action, subject_kind, subject_id, {details}, tag"


def is_postgresql(connection: Connection) -> bool:
    """Whether the database is PostgreSQL."""
    return connection.dialect.name == "postgresql"


def columns(connection: Connection) -> str:
    """The columns that `entry_of` reads."""
    return _COLUMNS.format(details="details::text" if is_postgresql(connection) else "details")


def entry_of(row: Sequence[Any]) -> LedgerEntry:
    """The entry in a row of the columns."""
    number, at, actor, action, kind, subject, details, tag = row[:8]
    return LedgerEntry(number, time_of(at), actor, action, kind, subject, details, tag)


def time_of(stored: Any) -> datetime:  # noqa: ANN401 - the driver's value
    """The moment of a driver's value, in UTC."""
    return moment_of(stored) if isinstance(stored, int) else stored.astimezone(UTC)


def stored_time(connection: Connection, at: datetime) -> int | datetime:
    """The driver's value of a moment."""
    return at if is_postgresql(connection) else in_microseconds(at)


def rows(connection: Connection, statement: str, *values: object) -> Sequence[Any]:
    """The rows of a statement of the driver, whose parameters are written as `?`."""
    if is_postgresql(connection):
        statement = statement.replace("?", "%s")
    return connection.exec_driver_sql(statement, values).all()


def among(connection: Connection, column: str, items: Sequence[Any]) -> tuple[str, object]:
    """The condition that the column is one of the items, and its parameter."""
    if is_postgresql(connection):
        return f"{column} = ANY(?)", list(items)
    return f"{column} IN (SELECT value FROM json_each(?))", json.dumps(list(items))  # noqa: S608 - of constants
