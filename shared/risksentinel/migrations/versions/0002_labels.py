"""Creates labels: one row per payment, source and version."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Identifier, UtcTime

revision: Final = "0002"
down_revision: Final = "0001"


def upgrade() -> None:
    """Create the table `labels`.

    The table is not partitioned: few payments are labelled, and labels are read by payment.
    """
    op.create_table(
        "labels",
        sa.Column("transaction_id", Identifier, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("reported_at", UtcTime(), nullable=False),
        sa.Column("occurred_at", UtcTime(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", "source", "version", name=op.f("pk_labels")),
    )
    op.create_index(
        op.f("ix_labels_written_at_transaction_id"), "labels", ["written_at", "transaction_id"]
    )


def downgrade() -> None:
    """Drop the table with its data."""
    op.drop_table("labels")
