"""Creates daily figures of the sets of rules that fired."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0018"
down_revision: Final = "0017"

_TABLE: Final = "rule_figures"


def upgrade() -> None:
    """Create `rule_figures`, empty: payments that are decided from now on are counted."""
    op.create_table(
        _TABLE,
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("rule_set", sa.Text(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.Column("alerts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "rule_set", "shard", name=op.f("pk_rule_figures")),
        postgresql_with={"fillfactor": 50},
    )


def downgrade() -> None:
    """Drop the figures: no other table depends on them."""
    op.drop_table(_TABLE)
