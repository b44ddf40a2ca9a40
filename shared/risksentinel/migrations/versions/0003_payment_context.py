"""Adds the context of a payment: device, last SIM swap, time when the beneficiary was saved."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Identifier, UtcTime

revision: Final = "0003"
down_revision: Final = "0002"


def upgrade() -> None:
    """Add three columns to `transactions`, null for payments that are already stored.

    Columns without a default rewrite no row; PostgreSQL adds them to every partition.
    """
    op.add_column("transactions", sa.Column("device_id", Identifier))
    op.add_column("transactions", sa.Column("sim_swapped_at", UtcTime()))
    op.add_column("transactions", sa.Column("beneficiary_added_at", UtcTime()))


def downgrade() -> None:
    """Drop the columns with their data."""
    op.drop_column("transactions", "beneficiary_added_at")
    op.drop_column("transactions", "sim_swapped_at")
    op.drop_column("transactions", "device_id")
