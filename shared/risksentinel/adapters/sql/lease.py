"""lease, free_followers: which outbox events may be published now, and which after them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    func,
    select,
    true,
    union_all,
    update,
)

from risksentinel.adapters.sql.chunks import chunks
from risksentinel.adapters.sql.tables import outbox

# `held_until` of an event behind an earlier one of its topic and key. A lease reads each such event
# once, however many wait; the removal of the earlier event frees the next ones.
BEHIND: Final = datetime(9999, 1, 1, tzinfo=UTC)
_FOLLOWERS_AT_ONCE: Final = 500
OUTBOX_LOCK: Final = 0x5EA1ED  # PostgreSQL's advisory lock of leases and settlements


_earlier: Final = outbox.alias("earlier")
_held_earlier: Final = (
    select(_earlier.c.number)
    .where(
        _earlier.c.topic == outbox.c.topic,
        _earlier.c.key == outbox.c.key,
        _earlier.c.number < outbox.c.number,
        _earlier.c.held_until > bindparam("now"),
    )
    .exists()
)
_TAKE: Final = update(outbox).returning(
    outbox.c.number, outbox.c.topic, outbox.c.event, outbox.c.attempts
)
_KEPT_BACK: Final = select(outbox.c.key).distinct().where(outbox.c.held_until >= BEHIND)
_follower: Final = outbox.alias("follower")
_next_followers: Final = (
    select(_follower.c.number)
    .where(
        _follower.c.topic == bindparam("of_topic"),
        _follower.c.key == bindparam("of_key"),
        _follower.c.held_until >= BEHIND,
    )
    .order_by(_follower.c.number)
    .limit(_FOLLOWERS_AT_ONCE)
)
_FREE_FOLLOWERS: Final = (
    update(outbox)
    .where(outbox.c.number.in_(_next_followers.scalar_subquery()))
    .values(held_until=None)
)


def candidates(topics: Collection[str]) -> Select[tuple[int, bool]]:
    """The query for the oldest free or due events of these topics; no topic means all topics.

    Its parameters are `most` and `now`; `behind` is true where an earlier event of the key is held.
    """
    wanted = outbox.c.topic.in_(sorted(topics)) if topics else true()
    free = (
        select(outbox.c.number)
        .where(outbox.c.held_until.is_(None), wanted)
        .order_by(outbox.c.number)
        .limit(bindparam("most"))
        .subquery()
    )
    # A sum, not the column: otherwise SQLite scans all events in order to find these few.
    number = (outbox.c.number + 0).label("number")
    due = select(number).where(outbox.c.held_until <= bindparam("now"), wanted).subquery()
    oldest = (
        union_all(select(free.c.number), select(due.c.number))
        .order_by("number")
        .limit(bindparam("most"))
        .subquery()
    )
    found = select(outbox.c.number, _held_earlier.label("behind"))
    return found.join(oldest, oldest.c.number == outbox.c.number)


def lock_outbox(connection: Connection) -> None:
    """Lock out other leases and settlements until the transaction ends.

    Two at the same time would not read each other's rows, and one event could overtake another of
    its key. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(OUTBOX_LOCK)))


def lease(
    connection: Connection, found: Sequence[Row[tuple[int, bool]]], until: datetime
) -> tuple[list[Row[Any]], int]:
    """Lease the candidates; answers the leased rows, and how many were marked as behind one."""
    aside = [row.number for row in found if row.behind]
    for some in chunks(aside):
        waiting = update(outbox).where(outbox.c.number.in_(some))
        connection.execute(waiting.values(held_until=BEHIND))
    taken: list[Row[Any]] = []
    for some in chunks([row.number for row in found if not row.behind]):
        mine = _TAKE.where(outbox.c.number.in_(some)).values(held_until=until)
        taken += connection.execute(mine)
    return sorted(taken, key=lambda row: row.number), len(aside)


def free_followers(connection: Connection, gone: Iterable[tuple[str, str]]) -> None:
    """Free the next events of these topics and keys, after the removal of an earlier event."""
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for topic, key in gone:
        keys[topic].add(key)
    for topic, of_topic in keys.items():
        kept_back = _KEPT_BACK.where(outbox.c.topic == topic)
        for some in chunks(sorted(of_topic)):
            found = connection.execute(kept_back.where(outbox.c.key.in_(some))).scalars().all()
            if found:
                rows = [{"of_topic": topic, "of_key": key} for key in found]
                connection.execute(_FREE_FOLLOWERS, rows)
