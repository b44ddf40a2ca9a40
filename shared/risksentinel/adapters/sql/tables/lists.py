"""Tables of named lists: the lists, their entries, and the revision."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Identifier, Number, UtcTime

lists = Table(
    "lists",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("name", Identifier, nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("size", Integer, nullable=False),  # number of entries, updated by each writer
    Column("revision", Number, nullable=False),  # of the newest change of the list
)

list_entries = Table(  # no foreign key: a list is deleted at once, its entries in small steps
    "list_entries",
    metadata,
    Column("list_id", Identifier, nullable=False),
    Column("folded", Identifier, nullable=False),  # the value in the form that is compared
    Column("value", Text, nullable=False),
    Column(
        "digest", BigInteger, nullable=False
    ),  # of the folded value; scoring processes load only digests
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revision", Number, nullable=False),  # readers load entries above their own revision
    PrimaryKeyConstraint("list_id", "folded"),
    Index(None, "list_id", "revision", "digest"),
)

list_book = Table(  # one row: readers poll it, and its lock orders writers
    "list_book",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", Number, nullable=False),
)
