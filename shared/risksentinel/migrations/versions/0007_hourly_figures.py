"""Creates hourly figures for the dashboard, and counts the stored payments."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.count_hours import count_hours

revision: Final = "0007"
down_revision: Final = "0006"
_WIDE: Final = ("scored_at", "decision", "score", "amount_zar")


def upgrade() -> None:
    """Create and fill `hourly_figures`, and narrow the index that the dashboard used before.

    Every stored payment is read once. Payments that the previous release scores after this
    migration are not counted: run `risksentinel recount-figures` after the rollout.
    """
    op.create_table(
        "hourly_figures",
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("cents_upper", sa.BigInteger(), nullable=False),
        sa.Column("cents_lower", sa.BigInteger(), nullable=False),
        sa.Column("score_total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "figure", "shard", name=op.f("pk_hourly_figures")),
        postgresql_with={"fillfactor": 50},
    )
    count_hours(op.get_bind())
    _replace_index(_WIDE, ("scored_at",))


def downgrade() -> None:
    """Drop the table; the figures can be recounted from the payments."""
    op.drop_table("hourly_figures")
    _replace_index(("scored_at",), _WIDE)


def _replace_index(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    op.drop_index(op.f(f"ix_risk_scores_{'_'.join(old)}"), "risk_scores")
    op.create_index(op.f(f"ix_risk_scores_{'_'.join(new)}"), "risk_scores", list(new))
