"""SqlMonths: the months of what grows, made ahead of time, and dropped when they are old."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import sleep
from typing import Final

from sqlalchemy import Connection, Engine, text

from risksentinel.adapters.sql.engine import looking, writing
from risksentinel.adapters.sql.month import DEFAULT, GROWING, Month, Span
from risksentinel.adapters.sql.old_rows import delete_old_rows, old_rows
from risksentinel.adapters.sql.retention import forget
from risksentinel.errors import Conflict, Unavailable

AHEAD: Final = 3  # months that are made before they begin
_TURN: Final = 0x3047  # names the lock under which one run changes partitions after the other
_LOCK_SECONDS: Final = 2  # payments that come meanwhile wait behind us: not longer than this
_ATTEMPTS: Final = 5
_SPANS: Final = text(
    "SELECT parent.relname AS table_name, part.relname AS name,"
    " pg_get_expr(part.relpartbound, part.oid) AS bound"
    " FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid"
    " JOIN pg_class parent ON parent.oid = inhparent"
    " WHERE inhparent = to_regclass(:table) ORDER BY part.relname"
)
_MOVE: Final = """
WITH moved AS (DELETE FROM {default} WHERE {key} >= :since AND {key} < :until RETURNING *)
INSERT INTO {name} SELECT * FROM moved
"""
_STRAYS: Final = """
SELECT date_trunc('month', {key}, 'UTC') AS month, count(*) AS strays FROM {default} GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Missing:
    """A month that a table has no partition for; `strays` rows of it lie in the default one."""

    table: str
    month: Month
    strays: int

    @property
    def name(self) -> str:
        """What its partition will be called."""
        return f"{self.table}_{self.month}"


@dataclass(frozen=True, slots=True)
class SqlMonths:
    """Partitions on PostgreSQL; SQLite has none to make, and old months are deleted by rows there.

    What no month holds goes to a default partition, so that no insert fails for want of one. It
    costs DETACH CONCURRENTLY, which PostgreSQL refuses beside a default partition: a drop locks
    the table for the moment that it takes, and gives up rather than keep payments waiting.
    """

    engine: Engine

    def missing(self, now: datetime, ahead: int = AHEAD) -> list[Missing]:
        """The months to make: this one, those ahead, and those of rows in a default partition."""
        wanted = set(Month.of(now).and_following(ahead))
        with looking(self.engine) as connection:
            return [
                Missing(table, month, strays.get(month, 0))
                for table in _growing(connection)
                for spans, strays in [(_spans(connection, table), _strays(connection, table))]
                for month in sorted(wanted | set(strays))
                if not any(span.touches(month) for span in spans)
            ]

    def make(self, missing: Missing) -> None:
        """Make the partition, and move the rows there that lie in the default one."""
        _patiently(lambda: self._make(missing))

    def old(self, table: str, now: datetime, retain: int) -> list[Span]:
        """The partitions whose last moment is more than `retain` full months ago, oldest first."""
        end = _end(now, retain)
        if self.engine.dialect.name != "postgresql":
            return old_rows(self.engine, table, end)
        with looking(self.engine) as connection:
            spans = _spans(connection, table) if table in _growing(connection) else []
        return sorted((span for span in spans if span.until <= end), key=lambda span: span.since)

    def drop(self, span: Span, now: datetime, retain: int) -> int:
        """Drop a month with all that belongs to it; answers how many alerts that was.

        Raises:
            Conflict: it holds what is to be retained.
        """
        if span.until > _end(now, retain):
            raise Conflict(f"{span.name} is younger than {retain} months: it stays")
        if self.engine.dialect.name != "postgresql":
            return delete_old_rows(self.engine, span)
        alerts = forget(self.engine, span) if span.table == "transactions" else 0
        _patiently(lambda: self._drop(span))
        return alerts

    def _make(self, missing: Missing) -> None:
        table, name, key = missing.table, missing.name, GROWING[missing.table]
        default, month = f"{table}_{DEFAULT}", missing.month
        times = {"since": month.begin, "until": month.after(1).begin}
        with self._changing() as connection:
            if any(span.touches(month) for span in _spans(connection, table)):
                return  # another run was faster
            for statement in (
                f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)",
                f"LOCK TABLE {default} IN ACCESS EXCLUSIVE MODE",
            ):
                connection.execute(text(statement))
            move = _MOVE.format(default=default, key=key, name=name)
            connection.execute(text(move), times)
            since, until = (f"'{at.isoformat()}'" for at in times.values())
            bounds = f"FOR VALUES FROM ({since}) TO ({until})"
            connection.execute(text(f"ALTER TABLE {table} ATTACH PARTITION {name} {bounds}"))

    def _drop(self, span: Span) -> None:
        with self._changing() as connection:
            if span in _spans(connection, span.table):
                connection.execute(text(f"DROP TABLE {span.name}"))

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with writing(self.engine) as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
            yield connection


def _end(now: datetime, retain: int) -> datetime:
    return Month.of(now).after(-retain).begin


def _growing(connection: Connection) -> list[str]:
    return list(GROWING) if connection.dialect.name == "postgresql" else []


def _spans(connection: Connection, table: str) -> list[Span]:
    rows = connection.execute(_SPANS, {"table": table})
    spans = (Span.read(row.table_name, row.name, row.bound) for row in rows)
    return [span for span in spans if span is not None]


def _strays(connection: Connection, table: str) -> dict[Month, int]:
    query = _STRAYS.format(key=GROWING[table], default=f"{table}_{DEFAULT}")
    return {Month.of(row.month): row.strays for row in connection.execute(text(query))}


def _patiently(change: Callable[[], None]) -> None:
    for attempt in range(1, _ATTEMPTS):
        try:
            return change()
        except Unavailable:  # somebody holds the table for long: let those behind us pass
            sleep(attempt)
    return change()
