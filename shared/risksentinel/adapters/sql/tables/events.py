"""Tables of outbox events and of dead letters."""

from sqlalchemy import Column, Index, Integer, Table, Text

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Identifier, Json, Number, UtcTime

outbox = Table(
    "outbox",
    metadata,
    Column("number", Number, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Identifier, nullable=False),
    Column(
        "held_until", UtcTime
    ),  # null: free; BEHIND (lease.py): an earlier event of the key waits
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("event", Json, nullable=False),
    sqlite_autoincrement=True,  # a number is never used twice, not even after a deletion
)
Index(
    "ix_outbox_free",
    outbox.c.number,
    sqlite_where=outbox.c.held_until.is_(None),
    postgresql_where=outbox.c.held_until.is_(None),
)
Index(
    "ix_outbox_free_topic",
    outbox.c.topic,
    outbox.c.number,
    sqlite_where=outbox.c.held_until.is_(None),
    postgresql_where=outbox.c.held_until.is_(None),
)
Index(
    "ix_outbox_due",
    outbox.c.held_until,
    sqlite_where=outbox.c.held_until.is_not(None),
    postgresql_where=outbox.c.held_until.is_not(None),
)
Index("ix_outbox_topic_key", outbox.c.topic, outbox.c.key, outbox.c.number)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column(
        "id", Number, primary_key=True, autoincrement=False
    ),  # the number of its row in the outbox
    Column("topic", Text, nullable=False),
    Column("event", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("code", Integer),
    Column("attempts", Integer, nullable=False),
    Column("died_at", UtcTime, nullable=False),
    Index(None, "died_at", "id"),
    Index(None, "topic", "died_at", "id"),
)
