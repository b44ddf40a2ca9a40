"""InMemoryLedger: the ledger's contract in memory, for tests of use cases.

It is a fake and no adapter of the product: without a database the product writes to SQLite, because
a payment that was answered must survive a restart. The contract tests in `tests/adapters/ledger`
run on this fake, on SQLite and on PostgreSQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from risksentinel.domain.alert import Alert
from risksentinel.domain.label import Label
from risksentinel.domain.next_live import NextLive
from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.domain.report_filing import StoredReport
from risksentinel.domain.reviewed import Reviewed
from risksentinel.domain.revision import Revision, RevisionState
from risksentinel.domain.shadowed import Shadowed
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.errors import Conflict, NotFound, StaleVersion
from risksentinel.events.event import Event
from risksentinel.ports.ledger import AuditEntry, Commitment
from risksentinel.ports.stored_payment import StoredPayment, StoredVerdict
from risksentinel.rules.parse import document_of
from risksentinel.rules.rule import StoredRule
from risksentinel.rules.rule_limits import refuse_too_many
from tests.fakes.memory_policies import next_live
from tests.fakes.memory_rows import MemoryDatabase, MemoryRows

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class InMemoryUnit:
    """Meets `ports.Unit`: it changes a copy of the rows."""

    rows: MemoryRows

    def receive(self, batch: Sequence[Transaction], at: datetime) -> set[str]:
        """Store payments that wait for their score; answers the ids that were not known before."""
        assert at.tzinfo is not None
        fresh = {payment.id for payment in batch} - self.rows.payments.keys()
        for payment in batch:
            self.rows.payments.setdefault(payment.id, payment)
        return fresh

    def keep(self, batch: Sequence[Scored]) -> set[str]:
        """Store payments with their scores; answers the ids whose first verdict is stored by this.

        A verdict of another payment that uses the same id is left out.
        """
        first: set[str] = set()
        for scored in batch:
            payment = self.rows.payments.setdefault(scored.transaction.id, scored.transaction)
            if payment.id in self.rows.verdicts or not payment.is_same_payment(scored.transaction):
                continue
            self.rows.verdicts[payment.id] = scored
            first.add(payment.id)
        return first

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """What is stored of these ids, by others too."""
        return known(self.rows, transaction_ids)

    def commitment(self, transaction_id: str) -> Commitment:
        """A digest of the verdict; the fake's payments are received when they are scored."""
        kept = self.rows.verdicts[transaction_id]
        digest = sha256(repr(kept).encode()).hexdigest()
        return Commitment(digest, kept.verdict.scored_at)

    def raise_alerts(self, alerts: Sequence[Alert]) -> None:
        """Store new alerts."""
        for alert in alerts:
            _add(self.rows.alerts, alert.id, alert)

    def owe_reports(self, reports: Sequence[StoredReport]) -> None:
        """Store new statutory reports."""
        for report in reports:
            _add(self.rows.reports, report.id, report)

    def carries(self, topic: str) -> bool:
        """Whether anything takes the events of the topic: every topic is stored."""
        assert topic
        return True

    def enqueue(self, events: Sequence[Event]) -> None:
        """Put events into the outbox, in this order."""
        self.rows.add_events(list(events))

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Store audit entries."""
        self.rows.audit.extend(entries)

    def alert(self, alert_id: str) -> Alert:
        """The alert; other writers wait for the end of every unit. Raises NotFound."""
        return _found(self.rows.alerts, alert_id)

    def change_alert(self, alert: Alert) -> None:
        """Store the next version of an alert. Raises StaleVersion where it is not the next."""
        if _found(self.rows.alerts, alert.id).version != alert.version - 1:
            raise StaleVersion("the alert was changed by another request")
        self.rows.alerts[alert.id] = alert

    def report(self, report_id: str) -> StoredReport:
        """The report; other writers wait for the end of every unit. Raises NotFound."""
        return _found(self.rows.reports, report_id)

    def change_report(self, report: StoredReport) -> None:
        """Store the next version of a report. Raises StaleVersion where it is not the next."""
        if _found(self.rows.reports, report.id).version != report.version - 1:
            raise StaleVersion("the report was changed by another request")
        self.rows.reports[report.id] = report

    def reviewed(self, transaction_id: str) -> Reviewed:
        """The payment and its labels, each source's in their order. Raises NotFound."""
        payment = _found(self.rows.payments, transaction_id)
        mine = [label for label in self.rows.labels if label.transaction_id == transaction_id]
        return Reviewed(payment, tuple(sorted(mine, key=lambda each: (each.source, each.version))))

    def write_label(self, label: Label) -> None:
        """Store the next label of its source."""
        self.rows.labels.append(label)

    def keep_shadowed(self, decisions: Sequence[Shadowed]) -> None:
        """Store decisions of the version in shadow."""
        self.rows.shadowed.extend(decisions)

    def await_sources(self, batch: Sequence[Revision]) -> None:
        """Store payments that were decided without a source."""
        for each in batch:
            _add(self.rows.revisions, each.transaction_id, each)

    def revise(self, revision: Revision) -> bool:
        """Store what came of a payment that waits; False where another unit has stored it."""
        before = self.rows.revisions.get(revision.transaction_id)
        if before is None or before.state is not RevisionState.WAITING:
            return False
        self.rows.revisions[revision.transaction_id] = revision
        return True

    def rule(self, rule_id: str) -> StoredRule:
        """The newest version; other writers wait for the end of every unit. Raises NotFound."""
        return _found(self.rows.rules, rule_id)[-1]

    def write_rule(self, rule: StoredRule) -> None:
        """Store a new version.

        Raises:
            Conflict: another active rule has its name, its id exists, or the active rules would
                be too many.
            StaleVersion: it is not the version after the newest.
        """
        others = [each[-1] for name, each in self.rows.rules.items() if name != rule.id]
        if rule.active and any(each.active and each.name == rule.name for each in others):
            raise Conflict("another active rule has this name")
        if rule.active:
            active = [document_of(each) for each in others if each.active]
            refuse_too_many(active, document_of(rule))
        versions = self.rows.rules.setdefault(rule.id, [])
        if rule.version == 1 and versions:
            raise Conflict("another rule has this id")
        if rule.version != len(versions) + 1:
            raise StaleVersion("the rule was changed by another request")
        versions.append(rule)

    def next_live(self, step: NextLive) -> PolicyVersion | None:
        """Make the active rules a new live version of the policy; None before the first start."""
        return next_live(self.rows, step)


@dataclass(frozen=True, slots=True)
class InMemoryLedger:
    """Meets `ports.Ledger`; `database.committed` has what is stored, for assertions."""

    database: MemoryDatabase = field(default_factory=MemoryDatabase)

    @contextmanager
    def unit(self, *, expects_new: bool = False) -> Iterator[InMemoryUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
        assert expects_new in {False, True}  # a fake has no other units
        with self.database.transaction() as rows:
            yield InMemoryUnit(rows)

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """The payments that are stored, scored or not, by id."""
        return known(self.database.committed, transaction_ids)


def known(rows: MemoryRows, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
    """The stored payments of these ids, with their verdicts and alerts."""
    alerts = {alert.transaction_id: alert.id for alert in rows.alerts.values()}
    found: dict[str, StoredPayment] = {}
    for name in transaction_ids:
        if name in rows.payments:
            scored = rows.verdicts.get(name)
            verdict = None if scored is None else StoredVerdict(scored, alerts.get(name))
            found[name] = StoredPayment(rows.payments[name], verdict)
    return found


def _found(rows: Mapping[str, Row], name: str) -> Row:
    try:
        return rows[name]
    except KeyError:
        raise NotFound("there is no such row") from None


def _add(rows: dict[str, Row], name: str, row: Row) -> None:
    assert name not in rows, f"{name} is stored already"
    rows[name] = row
