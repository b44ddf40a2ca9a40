"""Adds packed receipts: a column of bytes beside the JSON of earlier releases."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql import receipts
from risksentinel.adapters.sql.packed_receipt import unpack
from risksentinel.adapters.sql.stored_json import dumps
from risksentinel.errors import Conflict

revision: Final = "0006"
down_revision: Final = "0005"

_AT_ONCE: Final = 1_000
_PACKED: Final = sa.text("SELECT count(*) FROM risk_scores WHERE receipt IS NOT NULL")
_SOME: Final = sa.text(
    "SELECT transaction_id, received_at, receipt FROM risk_scores WHERE receipt IS NOT NULL "
    "LIMIT :some"
)
_UNPACK: Final = """
UPDATE risk_scores SET explanation = {explanation}, receipt = NULL
WHERE transaction_id = :id AND received_at = :at
"""


def upgrade() -> None:
    """Add `receipt` to `risk_scores`; null where `explanation` has the receipt as JSON.

    A column without a default rewrites no row, and PostgreSQL adds it to every partition. Stored
    receipts stay JSON until their retention ends; both forms are read.
    """
    op.add_column("risk_scores", sa.Column("receipt", sa.LargeBinary()))


def downgrade() -> None:
    """Convert packed receipts to JSON, and drop the column.

    Raises:
        Conflict: more than MAX_UNPACKED receipts are packed: their conversion would lock the table
            for too long.
    """
    connection = op.get_bind()
    packed = connection.execute(_PACKED).scalar_one()
    if packed > receipts.MAX_UNPACKED:
        raise Conflict(
            f"{packed} receipts are packed, and the previous release cannot read them; a downgrade "
            f"unpacks at most {receipts.MAX_UNPACKED}. Keep this schema: the previous release runs "
            "on it, and shows an empty receipt for payments that this release scored"
        )
    while rows := connection.execute(_SOME, {"some": _AT_ONCE}).all():
        _unpack(connection, rows)
    op.drop_column("risk_scores", "receipt")


def _unpack(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> None:
    as_json = (
        "CAST(:explanation AS json)" if connection.dialect.name == "postgresql" else ":explanation"
    )
    connection.execute(
        sa.text(_UNPACK.format(explanation=as_json)),
        [
            {
                "id": row.transaction_id,
                "at": row.received_at,
                "explanation": dumps(unpack(row.receipt)),
            }
            for row in rows
        ],
    )
