"""send: inserts rows through SQLite's driver, one statement for each table."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Table

from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.driver_values import TableRows, added_up, written


def send(line: Line, batches: Sequence[TableRows]) -> None:
    """Insert the rows in the connection's current transaction."""
    for table, rows in batches:
        if rows:
            statement = _insert(table, tuple(rows[0]))
            line.raw.executemany(statement, written(line.dialect, table, rows))


@cache
def _insert(table: Table, columns: tuple[str, ...]) -> str:
    places = ", ".join("?" * len(columns))
    new = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - names of ours
    return new + added_up(table)
