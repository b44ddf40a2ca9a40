"""Tables of what people work on: alerts and their deliveries, statutory reports, labels."""

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Exact, Identifier, Json, UtcTime

alerts = Table(
    "alerts",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("transaction_id", Identifier, nullable=False, unique=True),
    Column("sender_id", Identifier, nullable=False),
    Column("receiver_id", Identifier, nullable=False),
    Column("amount_zar", Exact(18, 2), nullable=False),
    Column("score", Exact(5, 4), nullable=False),
    Column("severity", Text, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("status", Text, nullable=False),
    Column("assignee", Text),
    Column("disposition", Text),
    Column("note", Text),
    Column("raised_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime),
    Column("version", Integer, nullable=False),
    Index(None, "raised_at", "id"),
    Index(None, "severity", "raised_at", "id"),
    Index(None, "status", "raised_at", "id"),
    Index(None, "assignee", "raised_at", "id"),
)
Index(
    "ix_alerts_severity_unresolved",
    alerts.c.severity,
    sqlite_where=alerts.c.status != "resolved",
    postgresql_where=alerts.c.status != "resolved",
)

statutory_reports = Table(
    "statutory_reports",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("transaction_id", Identifier, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sender_id", Identifier, nullable=False),
    Column("receiver_id", Identifier, nullable=False),
    Column("amount_zar", Exact(18, 2), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("decision", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reference", Text),
    Column("note", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime),
    Column("version", Integer, nullable=False),
    UniqueConstraint("transaction_id", "kind"),
    Index(None, "due_on", "id"),
    Index(None, "status", "due_on", "id"),
    Index(None, "kind", "due_on", "id"),
)

labels = Table(  # every label of every source; no row is ever changed
    "labels",
    metadata,
    Column("transaction_id", Identifier, nullable=False),
    Column("source", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("finding", Text, nullable=False),
    Column("reported_by", Text, nullable=False),
    Column("reported_at", UtcTime, nullable=False),
    Column(
        "occurred_at", UtcTime, nullable=False
    ),  # the payment's: the chargeback window starts here
    Column("written_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("transaction_id", "source", "version"),
    Index(None, "written_at", "transaction_id"),
)

alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    Column("event_id", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("alert_id", Identifier, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_reason", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("event_id", "endpoint"),
    Index(None, "alert_id"),
)
