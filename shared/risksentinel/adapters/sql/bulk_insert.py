"""send: inserts rows through PostgreSQL's driver: a few in one statement, many by COPY.

send_leasing: a few rows in one statement, which also leases the rows of the outbox.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.driver_values import SUMS, TableRows, Values, added_up, written
from risksentinel.adapters.sql.stored_json import dumps
from risksentinel.adapters.sql.tables import outbox, transaction_claims

WORTH_A_COPY: Final = 8  # rows: from here on COPY is faster, despite its two more round trips
_SHAPES: Final = 512  # cached statements: one for each combination of tables and row counts
_INSERT: Final = "INSERT INTO {table} ({columns}) VALUES {rows}"
_CLAIMED: Final = "claimed"
# The rows of a table of sums are one parameter: a statement has one shape for any number of them,
# and the driver keeps the statements of single payments, as it does up to 50 parameters.
_ADD: Final = (
    "INSERT INTO {table} ({columns}) SELECT {columns} FROM json_to_recordset(%s::json)"
    " AS new ({typed}){after}"
)
_AFTER: Final = " WHERE (SELECT count(*) FROM {earlier}) > 0"

# An event is leased at its insert, unless an earlier event of its topic and key is in the outbox.
_LEASE: Final = (
    "CASE WHEN NOT EXISTS (SELECT FROM outbox AS earlier"
    " WHERE earlier.topic = new.topic AND earlier.key = new.key) THEN new.leased_until END"
)
_NUMBERS: Final = "WITH {every} SELECT number, held_until IS NOT NULL FROM own ORDER BY number"
_LEASED: Final = (
    "INSERT INTO outbox ({columns}, held_until) SELECT {columns}, {lease}"
    " FROM (VALUES {rows}) AS new ({columns}, leased_until) RETURNING number, held_until"
)

Shape = tuple[tuple[Table, tuple[str, ...], int], ...]


def send(line: Line, batches: Sequence[TableRows]) -> None:
    """Insert the rows in the connection's current transaction."""
    many = [(table, rows) for table, rows in batches if copied(table, rows)]
    few = [(table, rows) for table, rows in batches if rows and not copied(table, rows)]
    if few:
        line.postgresql.execute(_at_once(_shape(few)), _values(line, few))
    for table, rows in many:
        statement = f"COPY {table.name} ({', '.join(rows[0])}) FROM STDIN".encode()
        with line.postgresql.cursor() as cursor, cursor.copy(statement) as copy:
            for values_of_row in written(line.dialect, table, rows):
                copy.write_row(values_of_row)


def send_leasing(
    line: Line, batches: Sequence[TableRows], events: Sequence[Values]
) -> Sequence[tuple[int, bool]]:
    """Insert the rows, and `events` into the outbox; answers the number of each event, in order.

    The last value of an event, `held_until`, is the end of its lease. An event behind an earlier
    one of its topic and key is not leased, but free: the second value is false.
    """
    few = [(table, rows) for table, rows in batches if rows]
    statement = _leasing(_shape(few), tuple(events[0]), len(events))
    values = [*_values(line, few), *_values(line, [(outbox, events)])]
    return line.postgresql.execute(statement, values).fetchall()


def copied(table: Table, rows: Sequence[Values]) -> bool:
    """Whether `send` inserts these rows by COPY."""
    return len(rows) >= WORTH_A_COPY and table not in SUMS  # COPY cannot add to a row


def _shape(batches: Sequence[TableRows]) -> Shape:
    return tuple(
        (table, tuple(rows[0]), 1 if table in SUMS else len(rows)) for table, rows in batches
    )


def _values(line: Line, batches: Sequence[TableRows]) -> list[object]:
    values: list[object] = []
    for table, rows in batches:
        if table in SUMS:
            values.append(dumps(rows))
        else:
            values += chain.from_iterable(written(line.dialect, table, rows))
    return values


@lru_cache(maxsize=_SHAPES)
def _leasing(shape: Shape, columns: tuple[str, ...], count: int) -> bytes:
    typed = [f"%s::{_type(outbox, name)}" for name in columns]
    rows = ", ".join([f"({', '.join(typed)})"] * count)
    parts = [f"{name} AS ({insert})" for name, insert in _parts(shape)]
    own = _LEASED.format(columns=", ".join(columns[:-1]), lease=_LEASE, rows=rows)
    every = ", ".join([*parts, f"own AS ({own})"])
    return _NUMBERS.format(every=every).encode()


@lru_cache(maxsize=_SHAPES)
def _at_once(shape: Shape) -> bytes:
    """One statement for the rows of several tables: one round trip, one plan."""
    *others, (_, last) = _parts(shape)
    before = ", ".join(f"{name} AS ({insert})" for name, insert in others)
    return (f"WITH {before} {last}" if before else last).encode()


def _parts(shape: Shape) -> list[tuple[str, str]]:
    """The INSERT of each table, with a name.

    PostgreSQL runs the parts of a statement in no certain order. Rows that are added to stored ones
    read the claims, so that their locks are taken after all ids are claimed: a unit that waits for
    the claim of another unit then holds no lock that the other unit may need. Of two tables with
    such rows, the second one reads the first: so all units lock their rows in the same order.
    """
    parts: list[tuple[str, str]] = []
    earlier = _CLAIMED if any(table is transaction_claims for table, _, _ in shape) else None
    for number, (table, columns, count) in enumerate(shape):
        name = _CLAIMED if table is transaction_claims else f"part_{number}"
        parts.append(
            (name, _add(table, columns, earlier))
            if table in SUMS
            else (name, _insert(table, columns, count))
        )
        if table in SUMS:
            earlier = name
    return parts


def _insert(table: Table, columns: tuple[str, ...], count: int) -> str:
    row = f"({', '.join(['%s'] * len(columns))})"
    given = {"table": table.name, "columns": ", ".join(columns), "rows": ", ".join([row] * count)}
    return _INSERT.format(**given) + (" RETURNING id" if table is transaction_claims else "")


def _add(table: Table, columns: tuple[str, ...], earlier: str | None) -> str:
    add = _ADD.format(
        table=table.name,
        columns=", ".join(columns),
        typed=", ".join(f"{name} {_type(table, name)}" for name in columns),
        after="" if earlier is None else _AFTER.format(earlier=earlier),
    )
    return add + added_up(table) + f" RETURNING {columns[0]}"


def _type(table: Table, column: str) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types here
    return table.c[column].type.compile(dialect)
