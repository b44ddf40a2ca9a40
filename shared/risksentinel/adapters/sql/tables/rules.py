"""Tables of fraud rules: newest versions, all versions, the revision, and bases of decisions."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    true,
)

from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.types import Identifier, Json, Number, UtcTime

fraud_rules = Table(
    "fraud_rules",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("document", Json, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)
Index(
    "uq_fraud_rules_name_active",
    fraud_rules.c.name,
    unique=True,
    sqlite_where=fraud_rules.c.active == true(),
    postgresql_where=fraud_rules.c.active == true(),
)

fraud_rule_versions = Table(
    "fraud_rule_versions",
    metadata,
    Column("rule_id", ForeignKey(fraud_rules.c.id), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Json, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
    PrimaryKeyConstraint("rule_id", "version"),
)

rule_book = Table(  # one row, which readers poll
    "rule_book",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", Number, nullable=False),
)

decision_bases = Table(  # a receipt has the digest of the policy, the code and the rules in force
    "decision_bases",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("document", Json, nullable=False),
    Column("first_used_at", UtcTime, nullable=False),
)
