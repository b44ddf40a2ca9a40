"""The table of the audit log: its rows are the entries of the ledger."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

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
    # The database transaction of the row, by PostgreSQL's default; null on SQLite and before 0014.
    Column("committed_in", Number),
    Column("tag", LargeBinary),  # made with the ledger's key, see entry_tags.py; null without a key
    Index(None, "subject_id"),
)
Index(
    "ix_audit_log_committed_in_id",
    audit_log.c.committed_in,
    audit_log.c.id,
    sqlite_where=audit_log.c.committed_in.is_not(None),
)
