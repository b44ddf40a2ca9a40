"""The outbox in SQL: announcements wait here until they are delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from risksentinel.adapters.sql_chunks import chunks
from risksentinel.adapters.sql_engine import reading, writing
from risksentinel.adapters.sql_event_rows import event_of
from risksentinel.adapters.sql_tables import dead_letters, outbox
from risksentinel.ports import Delivery, PendingEvent

_TURN: Final = 0x5EA1ED  # names the lock under which PostgreSQL lets one lease after the other
_earlier: Final = outbox.alias("earlier")
_held_back: Final = (
    select(_earlier.c.number)
    .where(
        _earlier.c.topic == outbox.c.topic,
        _earlier.c.key == outbox.c.key,
        _earlier.c.number < outbox.c.number,
        _earlier.c.held_until.is_not(None),  # says to the planner that the index of these will do
        _earlier.c.held_until > bindparam("now"),
    )
    .exists()
)
_free: Final = or_(outbox.c.held_until.is_(None), outbox.c.held_until <= bindparam("now"))
_due: Final = (
    select(outbox.c.number)
    .where(and_(_free, ~_held_back))
    .order_by(outbox.c.number)
    .limit(bindparam("most"))
)
_LEASE: Final = (
    update(outbox)
    .where(outbox.c.number.in_(_due.scalar_subquery()))
    .values(held_until=bindparam("until"))
    .returning(outbox.c.number, outbox.c.topic, outbox.c.event, outbox.c.attempts)
)
_POSTPONE: Final = (
    update(outbox)
    .where(outbox.c.number == bindparam("which"))
    .values(attempts=outbox.c.attempts + 1, held_until=bindparam("until"))
)


@dataclass(frozen=True, slots=True)
class SqlOutbox:
    """Meets `ports.Outbox` on SQLite and PostgreSQL.

    Leased and postponed are one thing here, held until a time: either way the event waits, and
    so do the later ones of its key.
    """

    engine: Engine

    def lease(self, most: int, now: datetime, until: datetime) -> list[PendingEvent]:
        """Take the oldest due ones; one waits while an earlier one of its key and topic does."""
        with writing(self.engine) as connection:
            _wait_for_other_leases(connection)
            rows = connection.execute(_LEASE, {"most": most, "now": now, "until": until}).all()
        return [
            PendingEvent(row.number, event_of(row.topic, row.event), row.attempts)
            for row in sorted(rows, key=lambda row: row.number)
        ]

    def settle(
        self,
        delivered: Sequence[int],
        postponed: Mapping[int, datetime],
        dead: Mapping[int, Delivery],
        now: datetime,
    ) -> None:
        """End a lease: remove the delivered, count and date the postponed, bury the dead."""
        with writing(self.engine) as connection:
            for some in chunks(sorted(delivered)):
                connection.execute(delete(outbox).where(outbox.c.number.in_(some)))
            if postponed:
                dates = [{"which": which, "until": postponed[which]} for which in sorted(postponed)]
                connection.execute(_POSTPONE, dates)
            for some in chunks(sorted(dead)):
                _bury(connection, some, dead, now)

    def release(self, numbers: Sequence[int]) -> None:
        """End a lease without an attempt counted."""
        with writing(self.engine) as connection:
            for some in chunks(sorted(numbers)):
                free = update(outbox).where(outbox.c.number.in_(some))
                connection.execute(free.values(held_until=None))

    def depth(self) -> int:
        """How many announcements wait, the leased ones included."""
        with reading(self.engine) as connection:
            return connection.execute(select(func.count()).select_from(outbox)).scalar_one()


def _wait_for_other_leases(connection: Connection) -> None:
    # Two leases at once would not see each other's rows, and the second would overtake the first.
    # SQLite has one writer anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_TURN)))


def _bury(
    connection: Connection, numbers: Sequence[int], dead: Mapping[int, Delivery], now: datetime
) -> None:
    gone = delete(outbox).where(outbox.c.number.in_(numbers))
    rows = connection.execute(gone.returning(outbox)).all()
    letters: list[dict[str, Any]] = [
        {
            "id": row.number,
            "topic": row.topic,
            "event": row.event,
            "reason": dead[row.number].reason,
            "code": dead[row.number].code,
            "attempts": row.attempts + 1,
            "died_at": now,
        }
        for row in rows
    ]
    if letters:
        connection.execute(insert(dead_letters), letters)
