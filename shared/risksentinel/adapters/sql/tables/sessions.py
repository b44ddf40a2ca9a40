"""The table of the sessions of people that are signed in."""

from sqlalchemy import Column, Index, Table, Text

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Identifier, Json, UtcTime

sessions = Table(  # a session that ended has no row
    "sessions",
    metadata,
    Column("digest", Identifier, primary_key=True),  # of the cookie, which is stored nowhere
    Column("id", Identifier, nullable=False),  # as the audit log names the session
    Column("name", Text, nullable=False),
    Column("roles", Json, nullable=False),
    Column("label_sources", Json, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("used_at", UtcTime, nullable=False),
    Index(None, "used_at"),
)
