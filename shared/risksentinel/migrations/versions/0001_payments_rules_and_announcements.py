"""Creates payments with scores and alerts, rules, the audit log, and the outbox."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Exact, Identifier, Json, Number, UtcTime

revision: Final = "0001"
down_revision: Final = None


def upgrade() -> None:
    """Create every table, with the one row of `rule_book`.

    On PostgreSQL, growing tables are partitioned by month; `migrate` creates the first partitions.
    """
    _create_transactions()
    _create_risk_scores()
    _create_alerts()
    _create_rules()
    _create_audit_log()
    _create_outbox()
    _create_dead_letters()
    _create_alert_deliveries()


def downgrade() -> None:
    """Drop every table with its data."""
    for table in (
        "alert_deliveries",
        "dead_letters",
        "outbox",
        "audit_log",
        "rule_book",
        "fraud_rule_versions",
        "fraud_rules",
        "alerts",
        "risk_scores",
        "transactions",
        "transaction_claims",
    ):
        op.drop_table(table)


def _create_transactions() -> None:
    op.create_table(
        "transaction_claims",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction_claims")),
    )
    op.create_table(
        "transactions",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("sender_id", Identifier, nullable=False),
        sa.Column("receiver_id", Identifier, nullable=False),
        sa.Column("amount_zar", Exact(18, 2), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("rail", sa.Text()),
        sa.Column("merchant_category", sa.Text()),
        sa.Column("receiver_country", sa.Text()),
        sa.Column("occurred_at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("risk_level", sa.Text()),
        sa.PrimaryKeyConstraint("id", "received_at", name=op.f("pk_transactions")),
        postgresql_partition_by="RANGE (received_at)",
    )
    _default_partition("transactions")
    _index("transactions", "occurred_at", "id")
    _index("transactions", "status", "occurred_at", "id")
    _index("transactions", "risk_level", "occurred_at", "id")
    _index("transactions", "sender_id", "occurred_at", "id")


def _create_risk_scores() -> None:
    op.create_table(
        "risk_scores",
        sa.Column("transaction_id", Identifier, nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("score", Exact(5, 4), nullable=False),
        sa.Column("risk_level", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("amount_zar", Exact(18, 2), nullable=False),
        sa.Column("scored_at", UtcTime(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("explanation", Json, nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", "received_at", name=op.f("pk_risk_scores")),
        postgresql_partition_by="RANGE (received_at)",
    )
    _default_partition("risk_scores")
    _index("risk_scores", "scored_at", "decision", "score", "amount_zar")


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("transaction_id", Identifier, nullable=False),
        sa.Column("sender_id", Identifier, nullable=False),
        sa.Column("receiver_id", Identifier, nullable=False),
        sa.Column("amount_zar", Exact(18, 2), nullable=False),
        sa.Column("score", Exact(5, 4), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text()),
        sa.Column("disposition", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("raised_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_alerts_transaction_id")),
    )
    _index("alerts", "raised_at", "id")
    _index("alerts", "severity", "raised_at", "id")
    _index("alerts", "status", "raised_at", "id")
    _index("alerts", "assignee", "raised_at", "id")
    _index("alerts", "severity", name="ix_alerts_severity_unresolved", where="status <> 'resolved'")


def _create_rules() -> None:
    op.create_table(
        "fraud_rules",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fraud_rules")),
    )
    _index("fraud_rules", "name", name="uq_fraud_rules_name_active", where="active", unique=True)
    op.create_table(
        "fraud_rule_versions",
        sa.Column("rule_id", Identifier, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "version", name=op.f("pk_fraud_rule_versions")),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["fraud_rules.id"],
            name=op.f("fk_fraud_rule_versions_rule_id_fraud_rules"),
        ),
    )
    rule_book = op.create_table(
        "rule_book",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_book")),
    )
    op.bulk_insert(rule_book, [{"id": 1, "revision": 0}])


def _create_audit_log() -> None:
    # SQLite generates the id only if it is the whole primary key.
    key = ("id", "at") if _on_postgresql() else ("id",)
    op.create_table(
        "audit_log",
        sa.Column("id", Number, autoincrement=True, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", Identifier, nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_audit_log")),
        postgresql_partition_by="RANGE (at)",
    )
    _default_partition("audit_log")
    _index("audit_log", "subject_id")


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", Number, autoincrement=True, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", Identifier, nullable=False),
        sa.Column("held_until", UtcTime()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("event", Json, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    if _on_postgresql():  # rows live for seconds: vacuum often, by number of rows
        sweep = "autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 20000"
        op.execute(f"ALTER TABLE outbox SET ({sweep})")
    held = "held_until IS NOT NULL"
    _index("outbox", "number", name="ix_outbox_free", where="held_until IS NULL")
    _index("outbox", "topic", "number", name="ix_outbox_free_topic", where="held_until IS NULL")
    _index("outbox", "held_until", name="ix_outbox_due", where=held)
    _index("outbox", "topic", "key", "number", name="ix_outbox_topic_key")


def _create_dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("event", Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("died_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
    )
    _index("dead_letters", "died_at", "id")
    _index("dead_letters", "topic", "died_at", "id")


def _create_alert_deliveries() -> None:
    op.create_table(
        "alert_deliveries",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("alert_id", Identifier, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_reason", sa.Text(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "endpoint", name=op.f("pk_alert_deliveries")),
    )
    _index("alert_deliveries", "alert_id")


def _index(
    table: str, *columns: str, name: str = "", where: str | None = None, unique: bool = False
) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(
        name or op.f(f"ix_{table}_{'_'.join(columns)}"),
        table,
        list(columns),
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _default_partition(table: str) -> None:
    if _on_postgresql():  # for rows of months without a partition: an insert never fails
        op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
