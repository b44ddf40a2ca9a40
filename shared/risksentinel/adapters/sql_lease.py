"""lease and free_followers: which announcements may go now, and which come next."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    bindparam,
    select,
    union_all,
)

from risksentinel.adapters.sql_tables import outbox

# Held without a date: an earlier one of its key and topic waits. So a lease looks at each event
# once, however many wait, and whoever removes the earlier one frees the next.
BEHIND: Final = datetime(9999, 1, 1, tzinfo=UTC)
_FOLLOWERS_AT_ONCE: Final = 100
_TURN: Final = 0x5EA1ED  # names the lock under which PostgreSQL lets one of us after the other

_free: Final = (
    select(outbox.c.number)
    .where(outbox.c.held_until.is_(None))
    .order_by(outbox.c.number)
    .limit(bindparam("most"))
    .subquery()
)
_due: Final = select(outbox.c.number).where(outbox.c.held_until <= bindparam("now")).subquery()
_oldest: Final = (
    union_all(select(_free.c.number), select(_due.c.number))
    .order_by("number")
    .limit(bindparam("most"))
    .subquery()
)
_earlier: Final = outbox.alias("earlier")
_CANDIDATES: Final = select(
    outbox.c.number,
    select(_earlier.c.number)
    .where(
        _earlier.c.topic == outbox.c.topic,
        _earlier.c.key == outbox.c.key,
        _earlier.c.number < outbox.c.number,
        _earlier.c.held_until > bindparam("now"),
    )
    .exists()
    .label("behind"),
).join(_oldest, _oldest.c.number == outbox.c.number)
