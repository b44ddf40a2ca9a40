"""Creates named lists with their entries, and the four default lists."""

from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Identifier, Number, UtcTime

revision: Final = "0004"
down_revision: Final = "0003"

_SEEDED: Final = {
    "block": "Accounts, devices, categories and countries whose payments are stopped",
    "allow": "Those whose payments are let through",
    "mule": "Accounts that took in money of fraud",
    "own": "Accounts of the bank itself",
}


def upgrade() -> None:
    """Create `lists`, `list_entries` and the one row of `list_book`; the four lists are empty.

    The entries are not partitioned: they are looked up by value, not by time.
    """
    named = _create_lists()
    _create_entries()
    book = op.create_table(
        "list_book",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_book")),
    )
    op.bulk_insert(book, [{"id": 1, "revision": 0}])
    made = datetime.now(UTC)  # noqa: TID251 - a migration is not given a clock
    empty = {"author": "migration", "created_at": made, "size": 0, "revision": 0}
    op.bulk_insert(
        named,
        [
            {"id": name, "name": name, "description": words, **empty}
            for name, words in _SEEDED.items()
        ],
    )


def downgrade() -> None:
    """Drop the three tables with their data."""
    for table in ("list_book", "list_entries", "lists"):
        op.drop_table(table)


def _create_lists() -> sa.Table:
    return op.create_table(
        "lists",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("name", Identifier, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
        sa.UniqueConstraint("name", name=op.f("uq_lists_name")),
    )


def _create_entries() -> None:
    op.create_table(
        "list_entries",
        sa.Column("list_id", Identifier, nullable=False),
        sa.Column("folded", Identifier, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("revision", Number, nullable=False),
        sa.PrimaryKeyConstraint("list_id", "folded", name=op.f("pk_list_entries")),
    )
    op.create_index(
        op.f("ix_list_entries_list_id_revision_digest"),
        "list_entries",
        ["list_id", "revision", "digest"],
    )
