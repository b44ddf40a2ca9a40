"""Creates the numbered versions of the policy; the next start of a scoring process writes one."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Json, Number, UtcTime

revision: Final = "0015"
down_revision: Final = "0014"

_LIVE: Final = sa.text("state = 'live'")


def upgrade() -> None:
    """Create `policy_versions`, empty."""
    op.create_table(
        "policy_versions",
        sa.Column("number", Number, nullable=False, autoincrement=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("settings", Json, nullable=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("model", sa.Text()),
        sa.Column("based_on", Number),
        sa.Column("restored", Number),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_policy_versions")),
    )
    op.create_index(
        "uq_policy_versions_live",
        "policy_versions",
        ["state"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )


def downgrade() -> None:
    """Drop the table with every version; the settings of processes decide again."""
    op.drop_table("policy_versions")
