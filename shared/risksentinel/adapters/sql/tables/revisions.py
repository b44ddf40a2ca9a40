"""The table of payments that were decided without a source."""

from sqlalchemy import Boolean, Column, Index, Table, Text

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Exact, Identifier, Json, UtcTime

revisions = Table(
    "revisions",
    metadata,
    Column("transaction_id", Identifier, primary_key=True),
    Column("decided_without", Json, nullable=False),
    Column("scored_at", UtcTime, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("first_decision", Text, nullable=False),
    Column("first_score", Exact(5, 4), nullable=False),
    Column("first_alert", Boolean, nullable=False),
    Column("second_decision", Text),
    Column("second_score", Exact(5, 4)),
    Column("second_alert", Boolean),
    Column("reasons", Json, nullable=False),
    Column("looked_at", UtcTime),
    Index(None, "scored_at", "transaction_id"),
    Index(None, "state", "scored_at", "transaction_id"),
)
