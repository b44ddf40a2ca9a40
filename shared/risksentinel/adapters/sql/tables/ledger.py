"""Tables of the ledger: the Merkle tree over the audit log, its signed heads, account keys."""

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Identifier, Number, UtcTime

ledger_leaves = Table(
    "ledger_leaves",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=False),  # counted from 0
    Column("entry_id", Number, nullable=False),
    Column("entry_at", UtcTime, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Index(None, "entry_id"),
)

ledger_tiles = Table(  # the roots of complete subtrees of 256, 65,536, ... leaves
    "ledger_tiles",
    metadata,
    Column("height", Integer, nullable=False),
    Column("number", Number, nullable=False),
    Column("root", LargeBinary, nullable=False),
    PrimaryKeyConstraint("height", "number"),
)

ledger_heads = Table(  # one an hour, and one for each anchor
    "ledger_heads",
    metadata,
    Column("size", Number, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("signature", LargeBinary),
)

ledger_state = Table(  # one row: where the next leaf is appended
    "ledger_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", Number, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("last_commit", Number),  # `committed_in` of the last chained entry
    Column("last_entry", Number, nullable=False),  # the id of the last chained entry
    Column("root", LargeBinary, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("signature", LargeBinary),
)

account_keys = Table(  # a key for each listed value: its digests cannot be linked without the key
    "account_keys",
    metadata,
    Column("value", Identifier, primary_key=True),  # folded
    Column("key", LargeBinary, nullable=False),
)
