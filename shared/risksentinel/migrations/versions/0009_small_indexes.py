"""Replaces the indexes by status and by level with small ones, and adds two by sender.

Nearly all payments are approved and of level low. Their pages read the index by time or by sender;
only the other payments are in the new indexes.
"""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0009"
down_revision: Final = "0008"

_NOT_APPROVED: Final = "status <> 'approved'"
_NOT_LOW: Final = "risk_level <> 'low'"
_ALL: Final = (("status", "occurred_at", "id"), ("risk_level", "occurred_at", "id"))
_SMALL: Final = (
    ("status_not_approved", ("status", "occurred_at", "id"), _NOT_APPROVED),
    ("sender_id_not_approved", ("sender_id", "status", "occurred_at", "id"), _NOT_APPROVED),
    ("risk_level_not_low", ("risk_level", "occurred_at", "id", "status"), _NOT_LOW),
    ("sender_id_not_low", ("sender_id", "risk_level", "occurred_at", "id", "status"), _NOT_LOW),
)


def upgrade() -> None:
    """Create the small indexes and drop the large ones.

    On PostgreSQL, writers wait until every partition was read four times. The previous release
    runs on this schema; its pages with a status or a level may be slow until it is replaced.
    """
    for name, columns, where in _SMALL:
        op.create_index(
            f"ix_transactions_{name}",
            "transactions",
            list(columns),
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    for columns in _ALL:
        op.drop_index(_name(columns), "transactions")


def downgrade() -> None:
    """Create the large indexes and drop the small ones."""
    for columns in _ALL:
        op.create_index(_name(columns), "transactions", list(columns))
    for name, _, _ in _SMALL:
        op.drop_index(f"ix_transactions_{name}", "transactions")


def _name(columns: Sequence[str]) -> str:
    return op.f(f"ix_transactions_{'_'.join(columns)}")
