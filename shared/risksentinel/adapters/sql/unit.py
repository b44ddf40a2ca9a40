"""SqlUnit: one database transaction of a use case."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from risksentinel.adapters.sql.alert_rows import alert_row
from risksentinel.adapters.sql.audit_rows import audit_row
from risksentinel.adapters.sql.bulk_insert import WORTH_A_COPY
from risksentinel.adapters.sql.case_writes import (
    change_alert,
    change_report,
    locked_alert,
    locked_report,
)
from risksentinel.adapters.sql.collected_rows import CollectedRows
from risksentinel.adapters.sql.id_claims import claim
from risksentinel.adapters.sql.label_rows import label_row, reviewed
from risksentinel.adapters.sql.new_bases import NewBases
from risksentinel.adapters.sql.payment_rows import received_row, scored_row, verdict_rows
from risksentinel.adapters.sql.policy_writes import next_live
from risksentinel.adapters.sql.received_payments import keep_received
from risksentinel.adapters.sql.report_rows import report_row
from risksentinel.adapters.sql.revision_rows import revise, revision_row
from risksentinel.adapters.sql.rule_rows import rule_of
from risksentinel.adapters.sql.rule_writes import write_rule
from risksentinel.adapters.sql.shadow_rows import shadowed_row
from risksentinel.adapters.sql.stored_payments import known
from risksentinel.adapters.sql.tables import (
    alerts,
    audit_log,
    fraud_rules,
    labels,
    revisions,
    risk_scores,
    shadow_decisions,
    statutory_reports,
    transaction_claims,
    transactions,
)
from risksentinel.domain.alert import Alert
from risksentinel.domain.label import Label
from risksentinel.domain.next_live import NextLive
from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.domain.report_filing import StoredReport
from risksentinel.domain.reviewed import Reviewed
from risksentinel.domain.revision import Revision
from risksentinel.domain.shadowed import Shadowed
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.errors import NotFound
from risksentinel.events.event import Event
from risksentinel.ports.ledger import AuditEntry, Commitment, Origin
from risksentinel.ports.stored_payment import StoredPayment
from risksentinel.rules.rule import StoredRule


@dataclass(slots=True)
class SqlUnit(CollectedRows):
    """Meets `ports.Unit`; `SqlLedger.unit` opens and ends the transaction."""

    expects_new: bool = False
    origin: Origin | None = None
    bases: NewBases = field(default_factory=lambda: NewBases(set()))
    _committed: dict[str, Commitment] = field(default_factory=dict)

    def receive(self, batch: Sequence[Transaction], at: datetime) -> set[str]:
        """Store payments that wait for their score; answers the ids that were not known before."""
        first = {payment.id: payment for payment in reversed(batch)}
        fresh = claim(self.line, sorted(first), at)
        self._add(transactions, [received_row(first[mine], at) for mine in sorted(fresh)])
        return fresh

    def keep(self, batch: Sequence[Scored]) -> set[str]:
        """Store payments with their scores; answers the ids whose first verdict is stored by this.

        The id of another stored payment is left out of the answer, and that payment stays.
        """
        first = {scored.transaction.id: scored for scored in reversed(batch)}
        # Sorted, so that two units never wait for rows of each other.
        ordered = [first[transaction_id] for transaction_id in sorted(first)]
        if not ordered:
            return set()
        at = min(each.verdict.scored_at for each in ordered)
        fresh = self._claim([_id(each) for each in ordered], at)
        self.bases.keep(self.line, ordered)
        mine = [each for each in ordered if _id(each) in fresh]
        self._add(transactions, [scored_row(each, at) for each in mine])
        self._add(risk_scores, verdict_rows([(each, at) for each in mine], self._committed))
        stand = fresh | self._keep_received([each for each in ordered if _id(each) not in fresh])
        counted = [each for each in ordered if _id(each) in stand]
        self._figures.count_payments(counted)
        self._rule_counts.count_payments(counted)
        return stand

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """The stored payments of these ids, those of other units included."""
        self.send()
        return known(self.line, transaction_ids)

    def commitment(self, transaction_id: str) -> Commitment:
        """The commitment to the verdict that this unit stores."""
        return self._committed[transaction_id]

    def raise_alerts(self, batch: Sequence[Alert]) -> None:
        """Store new alerts."""
        self._add(alerts, [alert_row(alert) for alert in batch])
        self._figures.count_alerts(batch)

    def owe_reports(self, batch: Sequence[StoredReport]) -> None:
        """Store new statutory reports."""
        self._add(statutory_reports, [report_row(report) for report in batch])

    def carries(self, topic: str) -> bool:
        """Whether anything takes the events of the topic; otherwise they need not be made."""
        return self.events.carries(topic)

    def enqueue(self, events: Sequence[Event]) -> None:
        """Put events into the outbox, in this order; they are inserted at the commit."""
        self.events.add(events)

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Store audit entries."""
        came_from = self.origin() if self.origin is not None else {}
        self.line.has_entries = self.line.has_entries or bool(entries)
        self._add(audit_log, [audit_row(entry, self.line.tags, came_from) for entry in entries])

    def alert(self, alert_id: str) -> Alert:
        """The alert, locked against other writers until the unit ends. Raises NotFound."""
        self.send()
        return locked_alert(self.line.session, alert_id)

    def change_alert(self, alert: Alert) -> None:
        """Store the next version of an alert. Raises StaleVersion where it is not the next."""
        self.send()
        change_alert(self.line.session, alert)

    def report(self, report_id: str) -> StoredReport:
        """The report, locked against other writers until the unit ends. Raises NotFound."""
        self.send()
        return locked_report(self.line.session, report_id)

    def change_report(self, report: StoredReport) -> None:
        """Store the next version of a report. Raises StaleVersion where it is not the next."""
        self.send()
        change_report(self.line.session, report)

    def reviewed(self, transaction_id: str) -> Reviewed:
        """The payment and its labels, locked against other writers until the unit ends.

        Raises:
            NotFound: no such payment is stored.
        """
        self.send()
        return reviewed(self.line.session, transaction_id)

    def write_label(self, label: Label) -> None:
        """Store the next label of its source."""
        self._add(labels, [label_row(label)])

    def keep_shadowed(self, decisions: Sequence[Shadowed]) -> None:
        """Store decisions of the version in shadow."""
        self._add(shadow_decisions, [shadowed_row(each) for each in decisions])

    def await_sources(self, batch: Sequence[Revision]) -> None:
        """Store payments that were decided without a source."""
        self._add(revisions, [revision_row(each) for each in batch])

    def revise(self, revision: Revision) -> bool:
        """Store what came of a payment that waits; False where another unit has stored it."""
        return revise(self.line.session, revision)

    def rule(self, rule_id: str) -> StoredRule:
        """The newest version, locked against other writers until the unit ends. Raises NotFound."""
        query = select(fraud_rules).where(fraud_rules.c.id == rule_id).with_for_update()
        row = self.line.session.execute(query).one_or_none()
        if row is None:
            raise NotFound("there is no such rule")
        return rule_of(row)

    def write_rule(self, rule: StoredRule) -> None:
        """Store a new version.

        Raises:
            Conflict: another active rule has its name.
            StaleVersion: it is not the version after the newest.
        """
        write_rule(self.line.session, rule)

    def next_live(self, step: NextLive) -> PolicyVersion | None:
        """Make the active rules a new live version of the policy; None before the first start."""
        return next_live(self.line.session, step)

    def _keep_received(self, batch: Sequence[Scored]) -> set[str]:
        if not batch:
            return set()
        self.send()
        return keep_received(self.line, batch, self._committed)

    def _claim(self, ids: Sequence[str], at: datetime) -> set[str]:
        """Claim the free ids; with `expects_new` few ids are claimed at the commit."""
        if not (self.expects_new and self.line.is_postgresql and len(ids) < WORTH_A_COPY):
            return claim(self.line, ids, at)
        self._add(transaction_claims, [{"id": each, "received_at": at} for each in ids])
        return set(ids)


def _id(scored: Scored) -> str:
    return scored.transaction.id
