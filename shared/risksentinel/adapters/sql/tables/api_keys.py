"""The table of API keys."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Identifier, Json, UtcTime

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("name", Identifier, nullable=False),  # a rotated key and its successor share it
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of the secret, which is stored nowhere
    Column("roles", Json, nullable=False),
    Column("label_sources", Json, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", UtcTime),
    Column("last_used_at", UtcTime),  # at most a minute old
    Column("revoked_at", UtcTime),
    Index(None, "name"),
)
