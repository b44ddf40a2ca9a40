"""lease, free_followers: which announcements may go now, and which may go next."""

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

# Held without a date: an earlier one of its topic and key waits. So a lease looks at each event
# once, however many wait, and whoever removes the earlier one lets the next go.
BEHIND: Final = datetime(9999, 1, 1, tzinfo=UTC)
_FOLLOWERS_AT_ONCE: Final = 500
TURN: Final = 0x5EA1ED  # names the lock under which PostgreSQL lets one of us after the other


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
    """The oldest free or due ones of these topics, of all where none is named.

    Its parameters are `most` and `now`; `behind` says that an earlier one of the key is held.
    """
    wanted = outbox.c.topic.in_(sorted(topics)) if topics else true()
    free = (
        select(outbox.c.number)
        .where(outbox.c.held_until.is_(None), wanted)
        .order_by(outbox.c.number)
        .limit(bindparam("most"))
        .subquery()
    )
    # A sum, not the column: else SQLite walks all events in their order to find these few.
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


def wait_for_the_others(connection: Connection) -> None:
    """Let one lease or settlement after the other decide who is behind whom.

    Two at once would not see each other's rows, and one would overtake the other. SQLite has one
    writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(TURN)))


def lease(
    connection: Connection, found: Sequence[Row[tuple[int, bool]]], until: datetime
) -> tuple[list[Row[Any]], int]:
    """Hold the candidates, and set aside those behind a held one; answers how many."""
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
    """Let the next ones of these topics and keys go, now that an earlier one is gone."""
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
