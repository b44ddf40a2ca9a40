"""WriteRule: every change of a rule is a new version, published in the same commit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from risksentinel.domain.next_live import NextLive
from risksentinel.domain.policy_version import PolicyOrigin
from risksentinel.errors import Malformed, StaleVersion, Violation
from risksentinel.events import rules_changed
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.rule_records import RuleLedger, RuleUnit
from risksentinel.rules.parse import document_of, parse_rule
from risksentinel.rules.patch import patched
from risksentinel.rules.rule import Rule, StoredRule
from risksentinel.usecases.follow_policy import follow

RuleDocument = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WriteRule:
    """Create, replace, patch and deactivate rules. `expected` is the version the caller read."""

    ledger: RuleLedger
    clock: Clock
    new_id: NewId

    def create(self, document: RuleDocument, actor: str, rule_id: str | None = None) -> Rule:
        """Raises Malformed with every violation, Conflict where an active rule has the name."""
        now = self.clock()
        rule = parse_rule(
            document, rule_id=rule_id or self.new_id(), version=1, created_at=now, updated_at=now
        )
        with self.ledger.unit() as unit:
            store_rule(unit, rule, actor, "rule.created")
            follow(unit, NextLive(PolicyOrigin.RULE, actor, now, _note("created", rule)))
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
        return self._change(rule_id, stopped, expected, actor, "rule.deactivated")

    def stop(self, rule_id: str, reason: str, actor: str) -> StoredRule:
        """Deactivate the rule at once, in an emergency; the audit entry states the reason.

        Raises:
            NotFound: there is no such rule.
            Malformed: the reason is empty.
        """
        if not reason.strip():
            raise Malformed([Violation("reason", "say why the rule is stopped")])
        return self._change(rule_id, stopped, None, actor, "rule.stopped", reason)

    def _change(
        self,
        rule_id: str,
        change: Callable[[StoredRule, datetime], StoredRule],
        expected: int | None,
        actor: str,
        action: str,
        reason: str | None = None,
    ) -> StoredRule:
        """Write the changed rule; a change without effect makes no version."""
        with self.ledger.unit() as unit:
            old = unit.rule(rule_id)
            if expected is not None and expected != old.version:
                raise StaleVersion(f"the rule is at version {old.version} now: read it again")
            rule = change(old, self.clock())
            if document_of(rule) == document_of(old):
                return old
            store_rule(unit, rule, actor, action, reason)
            what = action.removeprefix("rule.")
            step = NextLive(PolicyOrigin.RULE, actor, rule.updated_at, _note(what, rule))
            follow(unit, step)
        return rule


def stopped(old: StoredRule, now: datetime) -> StoredRule:
    """Return the next version of the rule, which is not in force."""
    return replace(old, active=False, version=old.version + 1, updated_at=now)


def _next(old: StoredRule, document: RuleDocument, now: datetime) -> Rule:
    return parse_rule(
        document,
        rule_id=old.id,
        version=old.version + 1,
        created_at=old.created_at,
        updated_at=now,
    )


def _note(what: str, rule: StoredRule) -> str:
    return f"rule {rule.reference} {what}"


def store_rule(
    unit: RuleUnit, rule: StoredRule, actor: str, action: str, reason: str | None = None
) -> None:
    """Store a version of a rule, with its audit entry and its event."""
    unit.write_rule(rule)
    why = {} if reason is None else {"reason": reason}
    unit.audit(
        [
            AuditEntry(
                at=rule.updated_at,
                actor=actor,
                action=action,
                subject_kind="rule",
                subject_id=rule.id,
                details={"version": rule.version, "document": document_of(rule), **why},
            )
        ]
    )
    unit.enqueue([rules_changed.encode(rule)])
