"""The unit in SQL: one database transaction of a use case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, bindparam, select, update

from risksentinel.adapters.sql.alert_rows import alert_of, alert_row
from risksentinel.adapters.sql.chunks import chunks
from risksentinel.adapters.sql.event_rows import event_row
from risksentinel.adapters.sql.hourly_figures import HourlyFigures
from risksentinel.adapters.sql.id_claims import claim, claimed, of_claimed
from risksentinel.adapters.sql.insert import Rows, Values, insert_all, insert_new
from risksentinel.adapters.sql.label_rows import label_row, reviewed
from risksentinel.adapters.sql.own_announcements import reserve
from risksentinel.adapters.sql.payment_rows import (
    received_row,
    scored_row,
    transaction_of,
    verdict_row,
)
from risksentinel.adapters.sql.report_rows import kept_report_of, report_row
from risksentinel.adapters.sql.rule_rows import rule_of
from risksentinel.adapters.sql.rule_writes import write_rule
from risksentinel.adapters.sql.stored_payments import known
from risksentinel.adapters.sql.tables import (
    alerts,
    audit_log,
    fraud_rules,
    hourly_figures,
    labels,
    outbox,
    risk_scores,
    statutory_reports,
    transactions,
)
from risksentinel.domain.alert import Alert
from risksentinel.domain.label import Label, Reviewed
from risksentinel.domain.report_filing import StoredReport
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.errors import NotFound, StaleVersion
from risksentinel.events.event import Event
from risksentinel.ports.announcements import PendingEvent
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.stored_payment import StoredPayment
from risksentinel.rules.rule import StoredRule

_KEPT: Final = select(transactions)
_NOW_SCORED: Final = (
    update(transactions)
    .where(
        transactions.c.id == bindparam("payment"), transactions.c.received_at == bindparam("came")
    )
    .values(status=bindparam("new_status"), risk_level=bindparam("new_level"))
)


@dataclass(slots=True)
class SqlUnit:
    """Meets `ports.Unit`; `SqlLedger.unit` opens and ends the transaction.

    Rows that nothing depends on yet are added up, and sent together: it is the number of round
    trips that a single payment waits for.
    """

    connection: Connection
    lease: datetime | None = None  # until when this process may hold its announcements
    leased: list[PendingEvent] = field(default_factory=list)
    announced: int = 0
    _added: list[Rows] = field(default_factory=list)
    _figures: HourlyFigures = field(default_factory=HourlyFigures)

    def receive(self, batch: Sequence[Transaction], at: datetime) -> set[str]:
        """Keep payments that wait for their score; answers the ids that were not known before."""
        first = {payment.id: payment for payment in reversed(batch)}
        fresh = claim(self.connection, sorted(first), at)
        self._add(transactions, [received_row(first[mine], at) for mine in sorted(fresh)])
        return fresh

    def keep(self, batch: Sequence[Scored]) -> set[str]:
        """Keep payments with their scores; answers the ids whose verdict is the first and stands.

        An id that belongs to another payment keeps that one and is left out of the answer.
        """
        first = {scored.transaction.id: scored for scored in reversed(batch)}
        # In one order everywhere, so that two units never wait for each other's rows.
        ordered = [first[transaction_id] for transaction_id in sorted(first)]
        if not ordered:
            return set()
        at = min(each.verdict.scored_at for each in ordered)
        fresh = claim(self.connection, [_id(each) for each in ordered], at)
        mine = [each for each in ordered if _id(each) in fresh]
        self._add(transactions, [scored_row(each, at) for each in mine])
        self._add(risk_scores, [verdict_row(each, at) for each in mine])
        stand = fresh | self._keep_waiting([each for each in ordered if _id(each) not in fresh])
        self._figures.count_payments(each for each in ordered if _id(each) in stand)
        return stand

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """What is kept of these ids, by others too."""
        self.send()
        return known(self.connection, transaction_ids)

    def raise_alerts(self, batch: Sequence[Alert]) -> None:
        """Keep new alerts."""
        self._add(alerts, [alert_row(alert) for alert in batch])
        self._figures.count_alerts(batch)

    def owe_reports(self, batch: Sequence[StoredReport]) -> None:
        """Keep new statutory reports."""
        self._add(statutory_reports, [report_row(report) for report in batch])

    def announce(self, events: Sequence[Event]) -> None:
        """Put announcements into the outbox, in this order."""
        self.announced += len(events)
        if self.lease is None:
            self._add(outbox, [event_row(event) for event in events])
        elif events:
            self._add(outbox, self._leased_rows(events, self.lease))

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Keep who did what."""
        self._add(audit_log, [_audit_row(entry) for entry in entries])

    def alert(self, alert_id: str) -> Alert:
        """The alert, held against other writers until the unit ends. Raises NotFound."""
        self.send()
        query = select(alerts).where(alerts.c.id == alert_id).with_for_update()
        row = self.connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("there is no such alert")
        return alert_of(row)

    def change_alert(self, alert: Alert) -> None:
        """Keep the next version of an alert. Raises StaleVersion where it is not the next."""
        self.send()
        change = update(alerts).where(
            alerts.c.id == alert.id, alerts.c.version == alert.version - 1
        )
        if self.connection.execute(change.values(alert_row(alert))).rowcount != 1:
            raise StaleVersion("the alert was changed by somebody else")

    def report(self, report_id: str) -> StoredReport:
        """The report, held against other writers until the unit ends. Raises NotFound."""
        query = select(statutory_reports).where(statutory_reports.c.id == report_id)
        row = self.connection.execute(query.with_for_update()).one_or_none()
        if row is None:
            raise NotFound("there is no such report")
        return kept_report_of(row)

    def change_report(self, report: StoredReport) -> None:
        """Keep the next version of a report. Raises StaleVersion where it is not the next."""
        change = update(statutory_reports).where(
            statutory_reports.c.id == report.id, statutory_reports.c.version == report.version - 1
        )
        if self.connection.execute(change.values(report_row(report))).rowcount != 1:
            raise StaleVersion("the report was changed by somebody else")

    def reviewed(self, transaction_id: str) -> Reviewed:
        """The payment and its labels, held against other writers until the unit ends.

        Raises:
            NotFound: no such payment is kept.
        """
        self.send()
        return reviewed(self.connection, transaction_id)

    def write_label(self, label: Label) -> None:
        """Keep the next label of its source."""
        self._add(labels, [label_row(label)])

    def rule(self, rule_id: str) -> StoredRule:
        """The newest version, held against other writers until the unit ends. Raises NotFound."""
        query = select(fraud_rules).where(fraud_rules.c.id == rule_id).with_for_update()
        row = self.connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("there is no such rule")
        return rule_of(row)

    def write_rule(self, rule: StoredRule) -> None:
        """Keep a new version.

        Raises:
            Conflict: another active rule has its name.
            StaleVersion: it is not the version after the newest.
        """
        write_rule(self.connection, rule)

    def finish(self) -> None:
        """Insert what is left, and the figures: a unit that holds their rows waits for no other."""
        self._add(hourly_figures, self._figures.rows(self.connection))
        self.send()

    def send(self) -> None:
        """Insert what was added up."""
        if self._added:
            insert_all(self.connection, self._added)
            self._added.clear()

    def _add(self, table: Table, rows: Sequence[Values]) -> None:
        self._added.append((table, rows))

    def _leased_rows(self, events: Sequence[Event], until: datetime) -> Sequence[Values]:
        """The rows of announcements, leased to this process where nothing earlier waits."""
        reserved = reserve(self.connection, [(event.topic, event.key) for event in events])
        rows = []
        for number, event in zip(reserved.numbers, events, strict=True):
            mine = (event.topic, event.key) not in reserved.waiting
            if mine:
                self.leased.append(PendingEvent(number, event, 0, until))
            rows.append(
                {"number": number, "held_until": until if mine else None, **event_row(event)}
            )
        return rows

    def _keep_waiting(self, batch: Sequence[Scored]) -> set[str]:
        if not batch:
            return set()
        self.send()
        kept = {row.id: row for some in chunks(batch) for row in self._payments(map(_id, some))}
        own = [each for each in batch if _is_of(kept.get(_id(each)), each)]
        rows = [verdict_row(each, kept[_id(each)].received_at) for each in own]
        # The primary key decides which of two racing verdicts stands.
        stands = insert_new(self.connection, risk_scores, rows)
        changes = [_change(each, kept[_id(each)]) for each in own if _id(each) in stands]
        if changes:
            self.connection.execute(_NOW_SCORED, changes)
        return stands

    def _payments(self, ids: Iterable[str]) -> Sequence[Row[Any]]:
        claims = claimed(self.connection, list(ids))
        if not claims:
            return []
        place = transactions.c
        there = of_claimed(self.connection, place.id, place.received_at, claims)
        return self.connection.execute(_KEPT.where(*there)).all()


def _is_of(row: Row[Any] | None, scored: Scored) -> bool:
    return row is not None and transaction_of(row).is_same_payment(scored.transaction)


def _change(scored: Scored, row: Row[Any]) -> dict[str, Any]:
    return {
        "payment": row.id,
        "came": row.received_at,
        "new_status": scored.verdict.status.value,
        "new_level": scored.verdict.risk_level.value,
    }


def _id(scored: Scored) -> str:
    return scored.transaction.id


def _audit_row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "details": entry.details,
    }
