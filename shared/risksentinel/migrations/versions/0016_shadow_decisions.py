"""Creates the table of decisions in shadow."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Exact, Identifier, Json, Number, UtcTime

revision: Final = "0016"
down_revision: Final = "0015"

_TABLE: Final = "shadow_decisions"


def upgrade() -> None:
    """Create `shadow_decisions`, empty."""
    op.create_table(
        _TABLE,
        sa.Column("version", Number, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("live_version", Number),
        sa.Column("transaction_id", Identifier, nullable=False),
        sa.Column("amount_zar", Exact(18, 2), nullable=False),
        sa.Column("live_decision", sa.Text(), nullable=False),
        sa.Column("live_score", Exact(5, 4), nullable=False),
        sa.Column("live_alert", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("score", Exact(5, 4), nullable=False),
        sa.Column("alert", sa.Boolean(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("scored_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "version", "revision", "transaction_id", name=op.f("pk_shadow_decisions")
        ),
    )
    for columns in (("version", "revision", "scored_at"), ("transaction_id",)):
        name = op.f(f"ix_{_TABLE}_{'_'.join(columns)}")
        op.create_index(name, _TABLE, list(columns))


def downgrade() -> None:
    """Drop the decisions: no other table depends on them."""
    op.drop_table(_TABLE)
