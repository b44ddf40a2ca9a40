"""Creates decision_bases, and audit entries of rules that have none.

A receipt has the digest of the policy, the code and the rules in force; the table has the document
of each digest. The rule book loads only rules that are as the audit log says, so a rule without an
entry would not be in force.
"""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from risksentinel.adapters.sql.types import Identifier, Json, Number, UtcTime
from risksentinel.adapters.system_clock import now

revision: Final = "0013"
down_revision: Final = "0012"

_RULES: Final = sa.table(
    "fraud_rules",
    sa.column("id", Identifier),
    sa.column("version", sa.Integer()),
    sa.column("document", Json),
)
_AUDIT: Final = sa.table(
    "audit_log",
    sa.column("id", Number),
    sa.column("at", UtcTime()),
    sa.column("actor", sa.Text()),
    sa.column("action", sa.Text()),
    sa.column("subject_kind", sa.Text()),
    sa.column("subject_id", Identifier),
    sa.column("details", Json),
)


def upgrade() -> None:
    """Create the table, and write the missing entries with the actor `migration`."""
    op.create_table(
        "decision_bases",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("first_used_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_decision_bases")),
    )
    connection = op.get_bind()
    for rule in connection.execute(sa.select(_RULES)).all():
        if rule.version not in _audited(connection, rule.id):
            connection.execute(sa.insert(_AUDIT).values(_entry(rule)))


def downgrade() -> None:
    """Drop the table; the entries stay: the audit log only grows."""
    op.drop_table("decision_bases")


def _audited(connection: sa.Connection, rule_id: str) -> set[int]:
    """The versions of the rule that have an audit entry."""
    entries = sa.select(_AUDIT.c.details).where(
        _AUDIT.c.subject_id == rule_id, _AUDIT.c.subject_kind == "rule"
    )
    return {details.get("version") for details in connection.scalars(entries)}


def _entry(rule: sa.Row[Any]) -> dict[str, Any]:
    return {
        "at": now(),
        "actor": "migration",
        "action": "rule.recorded",
        "subject_kind": "rule",
        "subject_id": rule.id,
        "details": {"version": rule.version, "document": rule.document},
    }
