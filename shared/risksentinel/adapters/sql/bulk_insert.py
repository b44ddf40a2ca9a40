"""send: inserts rows through PostgreSQL's driver: a few in one statement, many by COPY."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import JSON, Connection, Dialect, Table

from risksentinel.adapters.sql.driver import driver
from risksentinel.adapters.sql.engine import dumps
from risksentinel.adapters.sql.tables import hourly_figures
from risksentinel.adapters.sql.types import Exact, UtcTime

WORTH_A_COPY: Final = 8  # rows: from here on COPY is faster, despite its two more round trips
_SHAPES: Final = 512  # cached statements: one for each combination of tables and row counts
SUMS: Final[
    Mapping[Table, Sequence[str]]
] = {  # columns of a new row are added to the row with its key
    hourly_figures: ("counted", "cents_upper", "cents_lower", "score_total")
}
_INSERT: Final = "INSERT INTO {table} ({columns}) VALUES {rows}"

Values = Mapping[str, Any]


def send(connection: Connection, batches: Sequence[tuple[Table, Sequence[Values]]]) -> None:
    """Insert the rows in the connection's current transaction."""
    many = [(table, rows) for table, rows in batches if _by_copy(table, rows)]
    few = [(table, rows) for table, rows in batches if rows and not _by_copy(table, rows)]
    with driver(connection) as line:
        if few:
            shape = tuple((table, tuple(rows[0]), len(rows)) for table, rows in few)
            written = [_written(connection.dialect, table, rows) for table, rows in few]
            line.execute(
                _at_once(shape), [value for rows in written for row in rows for value in row]
            )
        for table, rows in many:
            statement = f"COPY {table.name} ({', '.join(rows[0])}) FROM STDIN".encode()
            with line.cursor() as cursor, cursor.copy(statement) as copy:
                for values in _written(connection.dialect, table, rows):
                    copy.write_row(values)


def _by_copy(table: Table, rows: Sequence[Values]) -> bool:
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
    return new + _added_up(table) if table in SUMS else new


def _added_up(table: Table) -> str:
    key = ", ".join(column.name for column in table.primary_key)
    sums = ", ".join(f"{name} = {table.name}.{name} + EXCLUDED.{name}" for name in SUMS[table])
    return f" ON CONFLICT ({key}) DO UPDATE SET {sums}"


def _written(dialect: Dialect, table: Table, rows: Sequence[Values]) -> Iterator[Sequence[object]]:
    writers = _writers(dialect, table, tuple(rows[0]))
    for row in rows:
        values = list(row.values())
        for place, write in writers:
            if values[place] is not None:
                values[place] = write(values[place])
        yield values


@cache
def _writers(
    dialect: Dialect, table: Table, columns: tuple[str, ...]
) -> Sequence[tuple[int, Callable[[Any], object]]]:
    """Converters for columns that the driver cannot write: JSON, Exact and UtcTime."""
    kinds = [(place, table.c[name].type) for place, name in enumerate(columns)]
    return [
        (place, dumps if isinstance(kind, JSON) else _checked(kind, dialect))
        for place, kind in kinds
        if isinstance(kind, JSON | Exact | UtcTime)
    ]


def _checked(kind: Exact | UtcTime, dialect: Dialect) -> Callable[[Any], object]:
    return lambda value: kind.process_bind_param(value, dialect)
