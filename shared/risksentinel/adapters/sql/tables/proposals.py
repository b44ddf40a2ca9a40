"""Tables of proposals, and of the policies that were in force."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Identifier, Json, Number, UtcTime

proposals = Table(
    "proposals",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Identifier, nullable=False),
    Column("document", Json, nullable=False),  # members change, before and after
    Column("attachment", LargeBinary),  # compressed; only approval and download read it
    Column("based_on", Text),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", UtcTime),
    Column("decision_reason", Text),
    Column("in_force_at", UtcTime),
    Index(None, "proposed_at", "id"),
    Index(None, "status", "proposed_at", "id"),
    Index(None, "kind", "proposed_at", "id"),
)

policies = Table(  # one row per change; the newest is in force
    "policies",
    metadata,
    Column("number", Number, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("document", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
)
