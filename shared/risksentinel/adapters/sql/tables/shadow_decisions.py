"""The table of decisions that versions of the policy made in shadow."""

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Exact, Identifier, Json, Number, UtcTime

shadow_decisions = Table(
    "shadow_decisions",
    metadata,
    Column("version", Number, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("live_version", Number),
    Column("transaction_id", Identifier, nullable=False),
    Column("amount_zar", Exact(18, 2), nullable=False),
    Column("live_decision", Text, nullable=False),
    Column("live_score", Exact(5, 4), nullable=False),
    Column("live_alert", Boolean, nullable=False),
    Column("decision", Text, nullable=False),
    Column("score", Exact(5, 4), nullable=False),
    Column("alert", Boolean, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("scored_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("version", "revision", "transaction_id"),
    Index(None, "version", "revision", "scored_at"),
    Index(None, "transaction_id"),
)
