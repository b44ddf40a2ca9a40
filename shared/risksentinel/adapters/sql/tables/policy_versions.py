"""The table of policies: numbered versions of everything that decides."""

from sqlalchemy import Column, Index, Integer, Table, Text, text

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Json, Number, UtcTime

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("settings", Json, nullable=False),
    Column("rules", Json, nullable=False),  # [id, version] of a stored rule, or a rule's document
    Column("model", Text),
    Column("based_on", Number),
    Column("restored", Number),
    Column("note", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)
_LIVE = text("state = 'live'")
Index(
    "uq_policy_versions_live",
    policy_versions.c.state,
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)
