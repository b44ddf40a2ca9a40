"""insert_all, insert_new: many rows, in the fastest way of each database."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

from risksentinel.adapters.sql import bulk_insert, sqlite_insert
from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.driver_values import TableRows, Values


def insert_all(line: Line, batches: Sequence[TableRows]) -> None:
    """Insert the rows of several tables, in this order within each table.

    A row of a table in SUMS is added to the row that has its key.
    """
    (bulk_insert if line.is_postgresql else sqlite_insert).send(line, batches)


def insert_new(connection: Connection, table: Table, rows: Sequence[Values]) -> set[str]:
    """Insert rows whose key is not there yet; answers the first key column of the inserted rows."""
    if not rows:
        return set()
    statement = _insert_new(connection.dialect.name, table)
    return set(connection.execute(statement, rows).scalars())


@cache
def _insert_new(dialect: str, table: Table) -> Executable:
    # RETURNING, because rowcount is -1 for this statement (SQLAlchemy 2.1, psycopg 3).
    key = next(iter(table.primary_key))
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing().returning(key)
    return postgresql.insert(table).on_conflict_do_nothing().returning(key)
