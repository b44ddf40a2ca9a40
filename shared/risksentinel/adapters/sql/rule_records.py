"""SqlRuleRecords: the newest version of each rule, in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, select, true

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.pages import NewestFirst
from risksentinel.adapters.sql.rule_rows import rule_of
from risksentinel.adapters.sql.tables import audit_log, fraud_rules
from risksentinel.errors import NotFound
from risksentinel.ports.pages import Page
from risksentinel.rules.rule import StoredRule

_ORDER: Final = NewestFirst(fraud_rules.c.created_at, fraud_rules.c.id)


@dataclass(frozen=True, slots=True)
class SqlRuleRecords:
    """Meets `ports.RuleRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def rules(
        self, after: tuple[str, ...] | None, most: int, *, active_only: bool
    ) -> Page[StoredRule]:
        """One page of rules, the newest rule first."""
        query = select(fraud_rules)
        if active_only:
            query = query.where(fraud_rules.c.active == true())
        with reading(self.engine) as connection:
            return _ORDER.page(connection, query, after, most, rule_of)

    def rule(self, rule_id: str) -> StoredRule:
        """The newest version. Raises NotFound."""
        query = select(fraud_rules).where(fraud_rules.c.id == rule_id)
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("there is no such rule")
        return rule_of(row)

    def author(self, rule: StoredRule) -> str | None:
        """The author of this version, from the audit log; None after the log's retention."""
        # A version and its audit entry have the same time: it selects the partition.
        query = select(audit_log.c.actor).where(
            audit_log.c.subject_id == rule.id,
            audit_log.c.at == rule.updated_at,
            audit_log.c.subject_kind == "rule",
        )
        with reading(self.engine) as connection:
            actors: Sequence[str] = connection.scalars(query.order_by(audit_log.c.id)).all()
        return actors[-1] if actors else None
