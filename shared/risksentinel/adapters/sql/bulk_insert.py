"""send: inserts rows through PostgreSQL's driver: a few in one statement, many by COPY."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table

from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.driver_values import SUMS, added_up, written

WORTH_A_COPY: Final = 8  # rows: from here on COPY is faster, despite its two more round trips
_SHAPES: Final = 512  # cached statements: one for each combination of tables and row counts
_INSERT: Final = "INSERT INTO {table} ({columns}) VALUES {rows}"

Values = Mapping[str, Any]


def send(line: Line, batches: Sequence[tuple[Table, Sequence[Values]]]) -> None:
    """Insert the rows in the connection's current transaction."""
    many = [(table, rows) for table, rows in batches if copied(table, rows)]
    few = [(table, rows) for table, rows in batches if rows and not copied(table, rows)]
    if few:
        shape = tuple((table, tuple(rows[0]), len(rows)) for table, rows in few)
        values = [written(line.dialect, table, rows) for table, rows in few]
        line.postgresql.execute(
            _at_once(shape), [value for rows in values for row in rows for value in row]
        )
    for table, rows in many:
        statement = f"COPY {table.name} ({', '.join(rows[0])}) FROM STDIN".encode()
        with line.postgresql.cursor() as cursor, cursor.copy(statement) as copy:
            for values_of_row in written(line.dialect, table, rows):
                copy.write_row(values_of_row)


def copied(table: Table, rows: Sequence[Values]) -> bool:
    """Whether `send` inserts these rows by COPY, outside of a pipeline."""
    return len(rows) >= WORTH_A_COPY and table not in SUMS  # COPY cannot add to a row


@lru_cache(maxsize=_SHAPES)
def _at_once(shape: Sequence[tuple[Table, tuple[str, ...], int]]) -> bytes:
    """One statement for the rows of several tables: one round trip, one plan."""
    *others, last = [_insert(*of_table) for of_table in shape]
    before = ", ".join(f"part_{number} AS ({insert})" for number, insert in enumerate(others))
    return (f"WITH {before} {last}" if before else last).encode()


def _insert(table: Table, columns: tuple[str, ...], count: int) -> str:
    row = f"({', '.join(['%s'] * len(columns))})"
    new = _INSERT.format(
        table=table.name, columns=", ".join(columns), rows=", ".join([row] * count)
    )
    return new + added_up(table)
