"""Adds the table of the sessions of people that are signed in."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Identifier, Json, UtcTime

revision: Final = "0011"
down_revision: Final = "0010"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "sessions",
        sa.Column("digest", Identifier, nullable=False),
        sa.Column("id", Identifier, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", Json, nullable=False),
        sa.Column("label_sources", Json, nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_used_at"), "sessions", ["used_at"])


def downgrade() -> None:
    """Drop the table: each person must sign in again."""
    op.drop_table("sessions")
