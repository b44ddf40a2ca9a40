"""Creates proposals: changes that wait for the approval of another person; and past policies."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Identifier, Json, Number, UtcTime

revision: Final = "0012"
down_revision: Final = "0011"

_ORDERS: Final = (
    ("proposed_at", "id"),
    ("status", "proposed_at", "id"),
    ("kind", "proposed_at", "id"),
)


def upgrade() -> None:
    """Create `proposals` and `policies`, empty: the first policy needs no approval."""
    op.create_table(
        "proposals",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("attachment", sa.LargeBinary()),
        sa.Column("based_on", sa.Text()),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", UtcTime()),
        sa.Column("decision_reason", sa.Text()),
        sa.Column("in_force_at", UtcTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    for columns in _ORDERS:
        op.create_index(op.f(f"ix_proposals_{'_'.join(columns)}"), "proposals", list(columns))
    op.create_table(
        "policies",
        sa.Column("number", Number, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_policies")),
    )


def downgrade() -> None:
    """Drop the tables with every proposal."""
    op.drop_table("policies")
    op.drop_table("proposals")
