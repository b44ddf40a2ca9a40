"""SqlPolicyLedger, SqlPolicyUnit: a transaction that writes versions of the policy and rules."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select, true

from risksentinel.adapters.sql import policy_writes
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.rule_rows import rule_of
from risksentinel.adapters.sql.tables import fraud_rules
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.domain.next_live import NextLive
from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.events.event import Event
from risksentinel.ports.ledger import AuditEntry
from risksentinel.rules.rule import StoredRule


@dataclass(slots=True)
class SqlPolicyUnit:
    """Meets `ports.PolicyUnit`, in the transaction of another unit."""

    rest: SqlUnit
    _locked: bool = False

    def live_policy(self) -> PolicyVersion | None:
        """The live version; other writers of rules and versions wait until the unit ends."""
        self._lock()
        return policy_writes.live_policy(self.rest.line.session)

    def shadow_policy(self) -> PolicyVersion | None:
        """The version in shadow, with the same lock."""
        self._lock()
        return policy_writes.shadow_policy(self.rest.line.session)

    def policy(self, number: int) -> PolicyVersion:
        """The version, with the same lock. Raises NotFound."""
        self._lock()
        return policy_writes.stored_policy(self.rest.line.session, number)

    def active_rules(self) -> Sequence[StoredRule]:
        """The rules in force, readable or not, in their order."""
        query = select(fraud_rules).where(fraud_rules.c.active == true())
        ordered = query.order_by(fraud_rules.c.created_at, fraud_rules.c.id)
        return [rule_of(row) for row in self.rest.line.session.execute(ordered)]

    def add_policy(self, version: PolicyVersion) -> PolicyVersion:
        """Store a draft with the next number."""
        self._lock()
        return policy_writes.add_policy(self.rest.line.session, version)

    def change_policy(self, version: PolicyVersion) -> None:
        """Store another state or content of a version."""
        self._lock()
        policy_writes.change_policy(self.rest.line.session, version)

    def rule(self, rule_id: str) -> StoredRule:
        """The newest version. Raises NotFound."""
        return self.rest.rule(rule_id)

    def write_rule(self, rule: StoredRule) -> None:
        """Store a new version."""
        self.rest.write_rule(rule)

    def next_live(self, step: NextLive) -> PolicyVersion | None:
        """Make the active rules a new live version."""
        return self.rest.next_live(step)

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Store audit entries."""
        self.rest.audit(entries)

    def enqueue(self, events: Sequence[Event]) -> None:
        """Put events into the outbox."""
        self.rest.enqueue(events)

    def _lock(self) -> None:
        if not self._locked:
            policy_writes.lock_policies(self.rest.line.session)
            self._locked = True


@dataclass(frozen=True, slots=True)
class SqlPolicyLedger:
    """Meets `ports.PolicyLedger` on SQLite and PostgreSQL."""

    ledger: SqlLedger

    @contextmanager
    def unit(self) -> Iterator[SqlPolicyUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
        with self.ledger.unit() as rest:
            yield SqlPolicyUnit(rest)
