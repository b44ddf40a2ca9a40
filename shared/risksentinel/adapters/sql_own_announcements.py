"""A process's own announcements on PostgreSQL: leased as they are inserted, removed in one go.

Whoever commits an announcement sends it a moment later. Were it looked for in the outbox first,
that would cost the database more than all else that a payment costs it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from risksentinel.adapters.sql_driver import driver
from risksentinel.adapters.sql_lease import BEHIND, TURN

Key = tuple[str, str]  # topic and key, within which order counts

# While anything waits to be looked for, all do: what is new must not overtake it.
_RESERVE: Final = b"""
SELECT ARRAY(SELECT nextval('outbox_number_seq') FROM generate_series(1, %s)),
       EXISTS (SELECT 1 FROM outbox WHERE held_until IS NULL),
       ARRAY(SELECT DISTINCT ARRAY[held.topic, held.key]
             FROM unnest(%s::text[], %s::text[]) AS asked (topic, key)
             JOIN outbox AS held ON held.topic = asked.topic AND held.key = asked.key
             WHERE held.held_until IS NOT NULL)
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
    """Numbers in rising order, and who must wait for an earlier announcement."""

    numbers: Sequence[int]
    all_wait: bool
    held: Collection[Key]

    def may_go(self, key: Key) -> bool:
        """Whether nothing earlier of this topic and key is in the outbox."""
        return not self.all_wait and key not in self.held


def reserve(connection: Connection, keys: Sequence[Key]) -> Reserved:
    """Take a number for each announcement, and look for what it would overtake."""
    asked = set(keys)
    topics, names = [topic for topic, _ in asked], [name for _, name in asked]
    with driver(connection) as line:
        row = line.execute(_RESERVE, (len(keys), topics, names)).fetchone()
    numbers, all_wait, held = row or ((), True, ())
    return Reserved(sorted(numbers), all_wait, {(topic, key) for topic, key in held})


def remove_delivered(connection: Connection, numbers: Sequence[int]) -> None:
    """Remove announcements that went out, and let those go that waited behind them."""
    with driver(connection) as line, line.pipeline():
        line.execute(_LOCK, (TURN,))
        line.execute(_REMOVE, (list(numbers), BEHIND))
