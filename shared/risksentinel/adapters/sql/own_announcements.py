"""A process's own announcements on PostgreSQL: leased as they are inserted, removed in one go.

Whoever commits an announcement sends it a moment later. Were it looked for in the outbox first,
that would cost the database more than all else that a payment costs it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from risksentinel.adapters.sql.driver import driver
from risksentinel.adapters.sql.lease import BEHIND, TURN

OrderingKey = tuple[str, str]  # topic and key, within which order counts

_RESERVE: Final = b"""
SELECT ARRAY(SELECT nextval('outbox_number_seq') FROM generate_series(1, %s)),
       ARRAY(SELECT ARRAY[asked.topic, asked.key]
             FROM unnest(%s::text[], %s::text[]) AS asked (topic, key)
             WHERE EXISTS (SELECT 1 FROM outbox AS earlier
                           WHERE earlier.topic = asked.topic AND earlier.key = asked.key))
"""
_LOCK: Final = b"SELECT pg_advisory_xact_lock(%s)"
_REMOVE: Final = b"""
WITH gone AS (DELETE FROM outbox WHERE number = ANY (%s) RETURNING topic, key)
UPDATE outbox AS follower SET held_until = NULL
FROM (SELECT DISTINCT topic, key FROM gone) AS ended
WHERE follower.topic = ended.topic AND follower.key = ended.key AND follower.held_until >= %s
"""


@dataclass(frozen=True, slots=True)
class Reserved:
    """Numbers in rising order, and of which keys an earlier announcement is in the outbox."""

    numbers: Sequence[int]
    waiting: Collection[OrderingKey]


def reserve(connection: Connection, keys: Sequence[OrderingKey]) -> Reserved:
    """Take a number for each announcement, and look for what it would overtake."""
    asked = set(keys)
    topics, names = [topic for topic, _ in asked], [name for _, name in asked]
    with driver(connection) as line:
        row = line.execute(_RESERVE, (len(keys), topics, names)).fetchone()
    numbers, waiting = row or ((), ())
    return Reserved(sorted(numbers), {(topic, key) for topic, key in waiting})


def remove_delivered(connection: Connection, numbers: Sequence[int]) -> None:
    """Remove announcements that went out, and let those go that waited behind them."""
    with driver(connection) as line, line.pipeline():
        line.execute(_LOCK, (TURN,))
        line.execute(_REMOVE, (list(numbers), BEHIND))
