"""Tables of fraud rules: newest versions, all versions, the revision, and bases of decisions.

Also the payments of each day by the rules that fired on them.
"""

from sqlalchemy import (
    BigInteger,
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

rule_figures = Table(  # see rule_counts.py
    "rule_figures",
    metadata,
    Column("day", Integer, nullable=False),  # since 1970 in South Africa
    Column("rule_set", Text, nullable=False),  # a digest of `rules`, which may be long
    Column("shard", Integer, nullable=False),  # as in hourly_figures
    Column("rules", Text, nullable=False),  # ids of all rules that fired, in order, with blanks
    Column("payments", BigInteger, nullable=False),
    Column("alerts", BigInteger, nullable=False),
    PrimaryKeyConstraint("day", "rule_set", "shard"),
    postgresql_with={"fillfactor": 50},  # room beside each row for its next version
)
