"""SqlMonths: monthly partitions, created ahead of time and dropped after the retention."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import sleep
from typing import Final

from sqlalchemy import Connection, Engine, text

from risksentinel.adapters.sql.append_only import unguarded
from risksentinel.adapters.sql.carried_entries import carry_entries
from risksentinel.adapters.sql.engine import looking, writing
from risksentinel.adapters.sql.month import DEFAULT, GROWING, Month, Span
from risksentinel.adapters.sql.old_rows import delete_old_rows, old_rows
from risksentinel.adapters.sql.retention import forget
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.errors import Conflict, Unavailable

AHEAD: Final = 3  # months whose partitions are created before they begin
_PARTITIONS_LOCK: Final = 0x3047  # PostgreSQL's advisory lock of runs that change partitions
_LOCK_SECONDS: Final = 2  # new payments wait behind this lock
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
    """A month without a partition; `strays` of its rows are in the default partition."""

    table: str
    month: Month
    strays: int

    @property
    def name(self) -> str:
        """The name of its partition."""
        return f"{self.table}_{self.month}"


@dataclass(frozen=True, slots=True)
class SqlMonths:
    """Partitions on PostgreSQL; SQLite has no partitions: old months are deleted row by row.

    Rows of a month without a partition go to a default partition, so that no insert fails. The
    cost is DETACH CONCURRENTLY, which PostgreSQL refuses beside a default partition: a drop locks
    the table for a moment, and stops after a lock timeout instead of blocking payments.
    """

    engine: Engine

    def missing(self, now: datetime, ahead: int = AHEAD) -> list[Missing]:
        """The months to create: this one, those ahead, and those of rows in a default partition."""
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
        """Create the partition, and move its rows out of the default partition."""
        _with_retries(lambda: self._make(missing))

    def old(self, table: str, now: datetime, retain: int) -> list[Span]:
        """The partitions that ended more than `retain` full months ago, oldest first."""
        end = _end(now, retain)
        if self.engine.dialect.name != "postgresql":
            return old_rows(self.engine, table, end)
        with looking(self.engine) as connection:
            spans = _spans(connection, table) if table in _growing(connection) else []
        return sorted((span for span in spans if span.until <= end), key=lambda span: span.since)

    def drop(self, span: Span, now: datetime, retain: int) -> int:
        """Drop a month with everything that belongs to it; answers the number of its alerts.

        Raises:
            Conflict: the month is to be retained.
        """
        if span.until > _end(now, retain):
            raise Conflict(f"{span.name} is younger than {retain} months: it is retained")
        if span.table == audit_log.name:
            carry_entries(self.engine, span, now)
        if self.engine.dialect.name != "postgresql":
            return delete_old_rows(self.engine, span)
        alerts = forget(self.engine, span) if span.table == "transactions" else 0
        _with_retries(lambda: self._drop(span))
        return alerts

    def _make(self, missing: Missing) -> None:
        table, name, key = missing.table, missing.name, GROWING[missing.table]
        default, month = f"{table}_{DEFAULT}", missing.month
        times = {"since": month.begin, "until": month.after(1).begin}
        with self._changing() as connection:
            if any(span.touches(month) for span in _spans(connection, table)):
                return  # another run created it
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
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PARTITIONS_LOCK}
            )
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
            with unguarded(connection):
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


def _with_retries(change: Callable[[], None]) -> None:
    for attempt in range(1, _ATTEMPTS):
        try:
            return change()
        except (
            Unavailable
        ):  # another transaction locks the table for long: let waiting payments pass
            sleep(attempt)
    return change()
