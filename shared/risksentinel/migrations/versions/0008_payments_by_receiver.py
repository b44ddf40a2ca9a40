"""Adds an index by receiver, to read the payments that an account received."""

from typing import Final

from alembic import op

revision: Final = "0008"
down_revision: Final = "0007"

_NAME: Final = "ix_transactions_receiver_id_occurred_at_id"


def upgrade() -> None:
    """Create the index. On PostgreSQL, writers wait until every partition has its index."""
    op.create_index(op.f(_NAME), "transactions", ("receiver_id", "occurred_at", "id"))


def downgrade() -> None:
    """Drop the index."""
    op.drop_index(op.f(_NAME), "transactions")
