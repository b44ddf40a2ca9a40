"""Tables of payments: claims of ids, payments, their scores, and the figures of each hour."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    literal_column,
)

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Exact, Identifier, Json, UtcTime

transaction_claims = Table(  # decides races for an id; its time selects the payment's month
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
    Column("risk_level", Text),  # copied from the score, so that one index serves a page
    Column("device_id", Identifier),
    Column("sim_swapped_at", UtcTime),
    Column("beneficiary_added_at", UtcTime),
    PrimaryKeyConstraint("id", "received_at"),
    Index(None, "occurred_at", "id"),
    Index(None, "sender_id", "occurred_at", "id"),
    Index(None, "receiver_id", "occurred_at", "id"),
)
# Nearly all payments are approved and of level low: pages of these read the indexes above, and the
# indexes of the others are small. A page repeats an index's condition word for word, for SQLite.
NOT_APPROVED: Final = transactions.c.status != literal_column("'approved'")
NOT_LOW: Final = transactions.c.risk_level != literal_column("'low'")
for _name, _columns, _where in (
    ("status_not_approved", ("status", "occurred_at", "id"), NOT_APPROVED),
    ("sender_id_not_approved", ("sender_id", "status", "occurred_at", "id"), NOT_APPROVED),
    ("risk_level_not_low", ("risk_level", "occurred_at", "id", "status"), NOT_LOW),
    ("sender_id_not_low", ("sender_id", "risk_level", "occurred_at", "id", "status"), NOT_LOW),
):
    Index(
        f"ix_transactions_{_name}",
        *(transactions.c[column] for column in _columns),
        sqlite_where=_where,
        postgresql_where=_where,
    )

risk_scores = Table(
    "risk_scores",
    metadata,
    Column("transaction_id", Identifier, nullable=False),
    Column("received_at", UtcTime, nullable=False),  # the payment's: both rows are in one month
    Column("score", Exact(5, 4), nullable=False),
    Column("risk_level", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("amount_zar", Exact(18, 2), nullable=False),  # the payment's
    Column("scored_at", UtcTime, nullable=False),
    Column("reasons", Json, nullable=False),
    Column(
        "explanation", Json, nullable=False
    ),  # the receipt in rows from before 0006, otherwise {}: see receipts.py
    Column("receipt", LargeBinary),  # packed; null in rows from before 0006
    Column("commitment_key", LargeBinary),  # see commitments.py; null in rows from before 0014
    PrimaryKeyConstraint("transaction_id", "received_at"),
    Index(None, "scored_at"),
)

hourly_figures = Table(  # see hourly_figures.py
    "hourly_figures",
    metadata,
    Column("hour", BigInteger, nullable=False),  # since 1970 in UTC
    Column("figure", Text, nullable=False),  # a decision, or `alert`
    Column(
        "shard", Integer, nullable=False
    ),  # units that commit at the same time add to different shards
    Column("counted", BigInteger, nullable=False),
    Column("cents_upper", BigInteger, nullable=False),  # amounts: in 10^9 cents, and
    Column("cents_lower", BigInteger, nullable=False),  # the remainder of each, in cents
    Column("score_total", BigInteger, nullable=False),  # x 10,000
    PrimaryKeyConstraint("hour", "figure", "shard"),
    postgresql_with={"fillfactor": 50},  # room beside each row for its next version
)
