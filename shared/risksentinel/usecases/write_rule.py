"""WriteRule: every change of a rule is a new version, published in the same commit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from risksentinel.errors import StaleVersion
from risksentinel.events import rules_changed
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.ledger import AuditEntry, Ledger, Unit
from risksentinel.rules.parse import document_of, parse_rule
from risksentinel.rules.patch import patched
from risksentinel.rules.rule import Rule, StoredRule

RuleDocument = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WriteRule:
    """Create, replace, patch and deactivate rules. `expected` is the version the caller read."""

    ledger: Ledger
    clock: Clock
    new_id: NewId

    def create(self, document: RuleDocument, actor: str, rule_id: str | None = None) -> Rule:
        """Raises Malformed with every violation, Conflict where an active rule has the name."""
        now = self.clock()
        rule = parse_rule(
            document, rule_id=rule_id or self.new_id(), version=1, created_at=now, updated_at=now
        )
        with self.ledger.unit() as unit:
            _write(unit, rule, actor, "rule.created")
        return rule

    def replace(
        self, rule_id: str, document: RuleDocument, expected: int | None, actor: str
    ) -> StoredRule:
        """Raises NotFound, StaleVersion, Malformed, Conflict."""
        return self._change(
            rule_id, lambda old, now: _next(old, document, now), expected, actor, "rule.replaced"
        )

    def patch(
        self, rule_id: str, changes: RuleDocument, expected: int | None, actor: str
    ) -> StoredRule:
        """Change the given fields. Raises NotFound, StaleVersion, Malformed, Conflict."""
        return self._change(
            rule_id,
            lambda old, now: _next(old, patched(document_of(old), changes), now),
            expected,
            actor,
            "rule.patched",
        )

    def deactivate(self, rule_id: str, expected: int | None, actor: str) -> StoredRule:
        """Deactivate the rule, readable or not; its versions stay.

        Raises:
            NotFound: there is no such rule.
            StaleVersion: the rule is not at the expected version.
        """
        return self._change(
            rule_id,
            lambda old, now: replace(old, active=False, version=old.version + 1, updated_at=now),
            expected,
            actor,
            "rule.deactivated",
        )

    def _change(
        self,
        rule_id: str,
        change: Callable[[StoredRule, datetime], StoredRule],
        expected: int | None,
        actor: str,
        action: str,
    ) -> StoredRule:
        """Write the changed rule; a change without effect makes no version."""
        with self.ledger.unit() as unit:
            old = unit.rule(rule_id)
            if expected is not None and expected != old.version:
                raise StaleVersion(f"the rule is at version {old.version} now: read it again")
            rule = change(old, self.clock())
            if document_of(rule) == document_of(old):
                return old
            _write(unit, rule, actor, action)
        return rule


def _next(old: StoredRule, document: RuleDocument, now: datetime) -> Rule:
    return parse_rule(
        document,
        rule_id=old.id,
        version=old.version + 1,
        created_at=old.created_at,
        updated_at=now,
    )


def _write(unit: Unit, rule: StoredRule, actor: str, action: str) -> None:
    unit.write_rule(rule)
    unit.audit(
        [
            AuditEntry(
                at=rule.updated_at,
                actor=actor,
                action=action,
                subject_kind="rule",
                subject_id=rule.id,
                details={"version": rule.version, "document": document_of(rule)},
            )
        ]
    )
    unit.enqueue([rules_changed.encode(rule)])
