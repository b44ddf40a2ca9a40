"""Creates the table of payments that were decided without a source."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Exact, Identifier, Json, UtcTime

revision: Final = "0017"
down_revision: Final = "0016"

_TABLE: Final = "revisions"


def upgrade() -> None:
    """Create `revisions`, empty."""
    op.create_table(
        _TABLE,
        sa.Column("transaction_id", Identifier, nullable=False),
        sa.Column("decided_without", Json, nullable=False),
        sa.Column("scored_at", UtcTime(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_decision", sa.Text(), nullable=False),
        sa.Column("first_score", Exact(5, 4), nullable=False),
        sa.Column("first_alert", sa.Boolean(), nullable=False),
        sa.Column("second_decision", sa.Text()),
        sa.Column("second_score", Exact(5, 4)),
        sa.Column("second_alert", sa.Boolean()),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("looked_at", UtcTime()),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_revisions")),
    )
    for columns in (("scored_at", "transaction_id"), ("state", "scored_at", "transaction_id")):
        op.create_index(op.f(f"ix_{_TABLE}_{'_'.join(columns)}"), _TABLE, list(columns))


def downgrade() -> None:
    """Drop the revisions: no other table depends on them."""
    op.drop_table(_TABLE)
