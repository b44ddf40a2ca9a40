"""The tables, as the newest migration leaves them.

On PostgreSQL transactions, risk_scores and audit_log are partitioned by month: see sql_months. No
foreign key leads from one of them to another, nor from an alert: the claim decides which rows
belong together, one unit writes them, and one month takes them along.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    true,
)

from risksentinel.adapters.sql.types import Exact, Identifier, Json, Number, UtcTime

REVISION: Final = "0008"  # the newest migration that this release needs

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

transaction_claims = Table(  # decides who brings a payment; the rest finds its month by it
    "transaction_claims",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("received_at", UtcTime, nullable=False),
)

transactions = Table(
    "transactions",
    metadata,
    Column("id", Identifier, nullable=False),
    Column("sender_id", Identifier, nullable=False),
    Column("receiver_id", Identifier, nullable=False),
    Column("amount_zar", Exact(18, 2), nullable=False),
    Column("channel", Text, nullable=False),
    Column("rail", Text),
    Column("merchant_category", Text),
    Column("receiver_country", Text),
    Column("occurred_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("status", Text, nullable=False),
    Column("risk_level", Text),  # the score's, kept here too so that a page is read off one index
    Column("device_id", Identifier),
    Column("sim_swapped_at", UtcTime),
    Column("beneficiary_added_at", UtcTime),
    PrimaryKeyConstraint("id", "received_at"),
    Index(None, "occurred_at", "id"),
    Index(None, "status", "occurred_at", "id"),
    Index(None, "risk_level", "occurred_at", "id"),
    Index(None, "sender_id", "occurred_at", "id"),
    Index(None, "receiver_id", "occurred_at", "id"),
)

risk_scores = Table(
    "risk_scores",
    metadata,
    Column("transaction_id", Identifier, nullable=False),
    Column("received_at", UtcTime, nullable=False),  # the payment's: both lie in one month
    Column("score", Exact(5, 4), nullable=False),
    Column("risk_level", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("amount_zar", Exact(18, 2), nullable=False),  # the payment's
    Column("scored_at", UtcTime, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("explanation", Json, nullable=False),  # the receipt before 0006, then {}: sql_receipts
    Column("receipt", LargeBinary),  # packed; null in rows from before 0006
    PrimaryKeyConstraint("transaction_id", "received_at"),
    Index(None, "scored_at"),
)

hourly_figures = Table(  # see sql_hourly_figures
    "hourly_figures",
    metadata,
    Column("hour", BigInteger, nullable=False),  # since 1970 in UTC
    Column("figure", Text, nullable=False),  # a decision, or `alert`
    Column("shard", Integer, nullable=False),  # units that commit together add to different ones
    Column("counted", BigInteger, nullable=False),
    Column("cents_upper", BigInteger, nullable=False),  # amounts: in 10^9 cents, and
    Column("cents_lower", BigInteger, nullable=False),  # what is left of each, in cents
    Column("score_total", BigInteger, nullable=False),  # x 10,000
    PrimaryKeyConstraint("hour", "figure", "shard"),
    postgresql_with={"fillfactor": 50},  # room beside each row for its next version
)

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

labels = Table(  # what each source said, word for word: none is ever changed
    "labels",
    metadata,
    Column("transaction_id", Identifier, nullable=False),
    Column("source", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("finding", Text, nullable=False),
    Column("reported_by", Text, nullable=False),
    Column("reported_at", UtcTime, nullable=False),
    Column("occurred_at", UtcTime, nullable=False),  # the payment's: by it windows end
    Column("written_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("transaction_id", "source", "version"),
    Index(None, "written_at", "transaction_id"),
)

fraud_rules = Table(
    "fraud_rules",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("document", Json, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)
Index(
    "uq_fraud_rules_name_active",
    fraud_rules.c.name,
    unique=True,
    sqlite_where=fraud_rules.c.active == true(),
    postgresql_where=fraud_rules.c.active == true(),
)

fraud_rule_versions = Table(
    "fraud_rule_versions",
    metadata,
    Column("rule_id", ForeignKey(fraud_rules.c.id), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Json, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
    PrimaryKeyConstraint("rule_id", "version"),
)

rule_book = Table(  # one row: readers poll it instead of the rules
    "rule_book",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", Number, nullable=False),
)

lists = Table(
    "lists",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("name", Identifier, nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("size", Integer, nullable=False),  # its entries, counted by whoever writes them
    Column("revision", Number, nullable=False),  # of its newest change
)

list_entries = Table(  # no foreign key: a list is gone at once, its entries in small steps
    "list_entries",
    metadata,
    Column("list_id", Identifier, nullable=False),
    Column("folded", Identifier, nullable=False),  # the value as it is compared
    Column("value", Text, nullable=False),
    Column("digest", BigInteger, nullable=False),  # of the folded value: all that a reader loads
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revision", Number, nullable=False),  # readers load what is newer than what they have
    PrimaryKeyConstraint("list_id", "folded"),
    Index(None, "list_id", "revision", "digest"),
)

list_book = Table(  # one row: readers poll it, and writers wait for one another at it
    "list_book",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", Number, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Number, primary_key=True),  # with `at` on PostgreSQL, by which it is partitioned
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Identifier, nullable=False),
    Column("details", Json, nullable=False),
    Index(None, "subject_id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", Number, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Identifier, nullable=False),
    Column("held_until", UtcTime),  # null: free; BEHIND (sql_lease): until an earlier one is gone
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("event", Json, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, not even after it was deleted
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
    Column("id", Number, primary_key=True, autoincrement=False),  # the number it had in the outbox
    Column("topic", Text, nullable=False),
    Column("event", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("code", Integer),
    Column("attempts", Integer, nullable=False),
    Column("died_at", UtcTime, nullable=False),
    Index(None, "died_at", "id"),
    Index(None, "topic", "died_at", "id"),
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
