"""Makes the audit log a ledger: leaves, tiles and heads of a Merkle tree; append-only tables.

Values in the entries of lists are replaced by keyed digests, before the entries are hashed.
"""

import secrets
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.append_only import guard, unguard
from risksentinel.adapters.sql.types import Identifier, Json, Number, UtcTime
from risksentinel.adapters.system_clock import now
from risksentinel.domain.account_digest import KEY_BYTES, account_digest
from risksentinel.domain.merkle import EMPTY_ROOT
from risksentinel.domain.named_list import fold

revision: Final = "0014"
down_revision: Final = "0013"

_NUMBERED: Final = "committed_in IS NOT NULL"


def upgrade() -> None:
    """Create the tables and columns.

    Rows of the previous release have no number of their transaction: they are chained first.
    """
    op.add_column("audit_log", sa.Column("committed_in", Number))
    op.add_column("audit_log", sa.Column("tag", sa.LargeBinary()))
    op.add_column("risk_scores", sa.Column("commitment_key", sa.LargeBinary()))
    if _on_postgresql():  # after the column, so that existing rows are not rewritten
        op.execute(
            "ALTER TABLE audit_log ALTER COLUMN committed_in"
            " SET DEFAULT pg_current_xact_id()::text::bigint"
        )
    op.create_index(
        "ix_audit_log_committed_in_id",
        "audit_log",
        ["committed_in", "id"],
        sqlite_where=sa.text(_NUMBERED),
    )
    _create_tree()
    op.create_table(
        "account_keys",
        sa.Column("value", Identifier, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_account_keys")),
    )
    _replace_listed_values()
    guard(op.get_bind())


def downgrade() -> None:
    """Drop the tables and columns; digests in entries of lists stay."""
    unguard(op.get_bind())
    for table in ("account_keys", "ledger_state", "ledger_heads", "ledger_tiles", "ledger_leaves"):
        op.drop_table(table)
    op.drop_index("ix_audit_log_committed_in_id", "audit_log")
    op.drop_column("risk_scores", "commitment_key")
    op.drop_column("audit_log", "tag")
    op.drop_column("audit_log", "committed_in")


def _create_tree() -> None:
    op.create_table(
        "ledger_leaves",
        sa.Column("sequence", Number, autoincrement=False, nullable=False),
        sa.Column("entry_id", Number, nullable=False),
        sa.Column("entry_at", UtcTime(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_ledger_leaves")),
    )
    op.create_index(op.f("ix_ledger_leaves_entry_id"), "ledger_leaves", ["entry_id"])
    op.create_table(
        "ledger_tiles",
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("number", Number, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("height", "number", name=op.f("pk_ledger_tiles")),
    )
    op.create_table(
        "ledger_heads",
        sa.Column("size", Number, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("signature", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_heads")),
    )
    state = op.create_table(
        "ledger_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", Number, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("last_commit", Number),
        sa.Column("last_entry", Number, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("signature", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_state")),
    )
    empty = {"size": 0, "frontier": b"", "last_entry": 0, "root": EMPTY_ROOT, "at": now()}
    op.bulk_insert(state, [{"id": 1, **empty}])


def _replace_listed_values() -> None:
    log = sa.table("audit_log", sa.column("id"), sa.column("action"), sa.column("details", Json))
    keys = sa.table("account_keys", sa.column("value"), sa.column("key", sa.LargeBinary()))
    connection, made = op.get_bind(), dict[str, bytes]()
    entries = sa.select(log.c.id, log.c.details).where(log.c.action.like("list.entry_%"))
    for row in connection.execute(entries).all():
        details: dict[str, Any] = dict(row.details)
        if "value" not in details:
            continue
        value = fold(str(details.pop("value")))
        key = made.setdefault(value, secrets.token_bytes(KEY_BYTES))
        details["value_digest"] = account_digest(key, value)
        connection.execute(sa.update(log).where(log.c.id == row.id).values(details=details))
    if made:
        rows = [{"value": value, "key": key} for value, key in made.items()]
        connection.execute(sa.insert(keys), rows)


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
