"""insert_new: an insert that leaves alone what is there, in either dialect."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> set[str]:
    """Insert what is not there yet; answers the first key column of what was inserted."""
    values = list(rows)
    if not values:
        return set()
    statement = _statement(connection.dialect.name, table)
    return set(connection.execute(statement, values).scalars())


@cache
def _statement(dialect: str, table: Table) -> Executable:
    # RETURNING, because rowcount is -1 for this statement (SQLAlchemy 2.1, psycopg 3).
    key = next(iter(table.primary_key))
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing().returning(key)
    return postgresql.insert(table).on_conflict_do_nothing().returning(key)
