"""A process's own outbox events on PostgreSQL: leased at the insert, removed in one statement.

The process that commits an event publishes it a moment later. A query for it in the outbox would
cost the database more than all the other statements of a payment.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from risksentinel.adapters.sql.driver import Line, driver
from risksentinel.adapters.sql.lease import BEHIND, OUTBOX_LOCK

OrderingKey = tuple[str, str]  # topic and key: events that share both stay in order

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
    """Numbers in ascending order, and the keys with an earlier event in the outbox."""

    numbers: Sequence[int]
    waiting: Collection[OrderingKey]


def reserve(line: Line, keys: Sequence[OrderingKey]) -> Reserved:
    """Take a number for each event, and find the keys whose earlier events it would overtake."""
    asked = set(keys)
    topics, names = [topic for topic, _ in asked], [name for _, name in asked]
    row = line.postgresql.execute(_RESERVE, (len(keys), topics, names)).fetchone()
    numbers, waiting = row or ((), ())
    return Reserved(sorted(numbers), {(topic, key) for topic, key in waiting})


def remove_delivered(connection: Connection, numbers: Sequence[int]) -> None:
    """Remove published events, and free the events that waited behind them."""
    with driver(connection) as line, line.postgresql.pipeline():
        line.postgresql.execute(_LOCK, (OUTBOX_LOCK,))
        line.postgresql.execute(_REMOVE, (list(numbers), BEHIND))
