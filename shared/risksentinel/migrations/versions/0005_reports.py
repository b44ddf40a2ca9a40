"""Creates statutory reports: one row per payment and kind of report."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Exact, Identifier, UtcTime

revision: Final = "0005"
down_revision: Final = "0004"


def upgrade() -> None:
    """Create the table `statutory_reports`.

    The table is not partitioned: few payments are reported, and reports are read by due date.
    """
    op.create_table(
        "statutory_reports",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("transaction_id", Identifier, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sender_id", Identifier, nullable=False),
        sa.Column("receiver_id", Identifier, nullable=False),
        sa.Column("amount_zar", Exact(18, 2), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statutory_reports")),
        sa.UniqueConstraint(
            "transaction_id", "kind", name=op.f("uq_statutory_reports_transaction_id_kind")
        ),
    )
    for columns in (("due_on", "id"), ("status", "due_on", "id"), ("kind", "due_on", "id")):
        name = op.f(f"ix_statutory_reports_{'_'.join(columns)}")
        op.create_index(name, "statutory_reports", columns)


def downgrade() -> None:
    """Drop the table with its data."""
    op.drop_table("statutory_reports")
