"""SqlOutbox: committed events wait here until they are published."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningDelete

from risksentinel.adapters.sql.chunks import chunks
from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.event_rows import event_of
from risksentinel.adapters.sql.lease import (
    BEHIND,
    candidates,
    free_followers,
    lease,
    lock_outbox,
)
from risksentinel.adapters.sql.own_events import remove_delivered
from risksentinel.adapters.sql.tables import dead_letters, outbox
from risksentinel.ports.publishing import Delivery, PendingEvent

_POSTPONE: Final = (
    update(outbox)
    .where(outbox.c.number == bindparam("which"))
    .values(attempts=outbox.c.attempts + 1, held_until=bindparam("until"))
)
_REMOVE: Final = delete(outbox).returning(outbox.c.number, outbox.c.topic, outbox.c.key)
_BURY: Final = delete(outbox).returning(outbox)
_free: Final = select(func.count()).where(outbox.c.held_until.is_(None)).scalar_subquery()
_held: Final = select(func.count()).where(outbox.c.held_until.is_not(None)).scalar_subquery()
_OLDEST: Final = select(func.min(outbox.c.created_at))
_DEPTH: Final = select(_free + _held)  # both are counted from small indexes, not from the events


@dataclass(frozen=True, slots=True)
class SqlOutbox:
    """Meets `ports.Outbox` on SQLite and PostgreSQL.

    A leased and a postponed event are stored in the same way: held until a time. The event waits
    until then, and so do the later events of its topic and key.
    """

    engine: Engine
    topics: Collection[str] = ()  # empty: all topics

    def lease(self, most: int, now: datetime, until: datetime) -> list[PendingEvent]:
        """Lease the oldest due events; an event waits while an earlier one of its key waits."""
        taken, aside = self._lease(most, now, until)
        while aside and not taken:  # short transactions: payments are written in between
            taken, aside = self._lease(most, now, until)
        return [
            PendingEvent(row.number, event_of(row.topic, row.event), row.attempts, until)
            for row in taken
        ]

    def settle(
        self,
        delivered: Sequence[int],
        postponed: Mapping[int, datetime],
        dead: Mapping[int, Delivery],
        now: datetime,
    ) -> None:
        """End a lease: remove the delivered, postpone the failed, make dead letters of the dead."""
        with writing(self.engine) as connection:
            if not (postponed or dead) and connection.dialect.name == "postgresql":
                remove_delivered(connection, delivered)
                return
            lock_outbox(connection)
            if postponed:
                dates = [{"which": which, "until": postponed[which]} for which in sorted(postponed)]
                connection.execute(_POSTPONE, dates)
            gone = _gone(connection, _REMOVE, delivered)
            buried = _gone(connection, _BURY, dead)
            if buried:
                letters = [_letter_row(row, dead[row.number], now) for row in buried]
                connection.execute(insert(dead_letters), letters)
            free_followers(connection, ((row.topic, row.key) for row in [*gone, *buried]))

    def release(self, numbers: Sequence[int]) -> None:
        """End a lease without counting an attempt."""
        if not numbers:
            return
        with writing(self.engine) as connection:
            for some in chunks(sorted(numbers)):
                back = update(outbox).where(outbox.c.number.in_(some))
                connection.execute(back.values(held_until=None))

    def free(self) -> None:
        """End every lease and every wait; for the start of a process that is the only relay."""
        with writing(self.engine) as connection:
            waiting = update(outbox).where(outbox.c.held_until < BEHIND)
            connection.execute(waiting.values(held_until=None))

    def depth(self) -> int:
        """The number of events in the outbox, the leased ones included."""
        with reading(self.engine) as connection:
            depth: int = connection.execute(_DEPTH).scalar_one()
            return depth

    def oldest(self) -> datetime | None:
        """The creation time of the oldest event in the outbox; None where it is empty."""
        with reading(self.engine) as connection:
            oldest: datetime | None = connection.execute(_OLDEST).scalar_one()
            return oldest

    def _lease(self, most: int, now: datetime, until: datetime) -> tuple[list[Row[Any]], int]:
        query, limits = candidates(self.topics), {"most": most, "now": now}
        with reading(self.engine) as connection:
            if not connection.execute(query, {**limits, "most": 1}).first():
                return [], 0  # no lock where there is nothing to lease
        with writing(self.engine) as connection:
            lock_outbox(connection)
            return lease(connection, connection.execute(query, limits).all(), until)


def _gone(
    connection: Connection, statement: ReturningDelete[*tuple[Any, ...]], numbers: Iterable[int]
) -> list[Row[Any]]:
    return [
        row
        for some in chunks(sorted(numbers))
        for row in connection.execute(statement.where(outbox.c.number.in_(some)))
    ]


def _letter_row(row: Row[Any], delivery: Delivery, now: datetime) -> dict[str, Any]:
    return {
        "id": row.number,
        "topic": row.topic,
        "event": row.event,
        "reason": delivery.reason,
        "code": delivery.code,
        "attempts": row.attempts + 1,
        "died_at": now,
    }
