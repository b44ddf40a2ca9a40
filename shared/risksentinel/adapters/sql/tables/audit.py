"""The table of the audit log."""

from sqlalchemy import Column, Index, Table, Text

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Identifier, Json, Number, UtcTime

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Number, primary_key=True),  # on PostgreSQL together with `at`, the partition key
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Identifier, nullable=False),
    Column("details", Json, nullable=False),
    Index(None, "subject_id"),
)
