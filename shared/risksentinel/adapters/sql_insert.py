"""insert_rows, insert_new: many rows in the way that each database takes fastest."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import Connection, Dialect, Executable, Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    import psycopg

Values = Mapping[str, Any]
_WORTH_A_COPY: Final = 8  # COPY takes a round trip more, and then half the time for each row


def insert_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert rows of which each has the same columns."""
    if connection.dialect.name == "postgresql" and len(rows) >= _WORTH_A_COPY:
        _copy(connection, table, rows)
    elif rows:
        connection.execute(_insert(table), rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[Values]) -> set[str]:
    """Insert what is not there yet; answers the first key column of what was inserted."""
    if not rows:
        return set()
    statement = _insert_new(connection.dialect.name, table)
    return set(connection.execute(statement, rows).scalars())


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _insert_new(dialect: str, table: Table) -> Executable:
    # RETURNING, because rowcount is -1 for this statement (SQLAlchemy 2.1, psycopg 3).
    key = next(iter(table.primary_key))
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing().returning(key)
    return postgresql.insert(table).on_conflict_do_nothing().returning(key)


def _copy(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    statement = f"COPY {table.name} ({', '.join(rows[0])}) FROM STDIN"
    writers = [_writer(connection.dialect, table, name) for name in rows[0]]
    errors = connection.dialect.loaded_dbapi.Error
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    try:
        with driver.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(
                    [write(value) for write, value in zip(writers, row.values(), strict=True)]
                )
    except errors as error:  # SQLAlchemy did not see it: it is put as it would have put it
        raise DBAPIError.instance(
            statement,
            None,
            error,
            errors,
            hide_parameters=True,
            connection_invalidated=driver.closed,
            dialect=connection.dialect,
        ) from error


@cache
def _writer(dialect: Dialect, table: Table, name: str) -> Callable[[Any], Any]:
    write = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return write or _as_it_is


def _as_it_is(value: object) -> object:
    return value
