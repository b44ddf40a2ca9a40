"""The database, seen from those who write."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from risksentinel.domain.alert import Alert
from risksentinel.domain.label import Label, Reviewed
from risksentinel.domain.report_filing import StoredReport
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.events.event import Event
from risksentinel.ports.stored_payment import StoredPayment
from risksentinel.rules.rule import StoredRule


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which thing, when."""

    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    details: Mapping[str, Any]


class Unit(Protocol):
    """One database transaction: all of it is kept, or nothing."""

    def receive(self, batch: Sequence[Transaction], at: datetime) -> set[str]:
        """Keep payments that wait for their score; answers the ids that were not known before."""

    def keep(self, batch: Sequence[Scored]) -> set[str]:
        """Keep payments with their scores; answers the ids whose verdict is the first and stands.

        An id that belongs to another payment keeps that one and is left out of the answer.
        """

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """What is kept of these ids, by others too: after the commit nothing need be read."""

    def raise_alerts(self, alerts: Sequence[Alert]) -> None: ...

    def owe_reports(self, reports: Sequence[StoredReport]) -> None: ...

    def announce(self, events: Sequence[Event]) -> None:
        """Put announcements into the outbox, in this order."""

    def audit(self, entries: Sequence[AuditEntry]) -> None: ...

    def alert(self, alert_id: str) -> Alert:
        """The alert, held against other writers until the unit ends. Raises NotFound."""

    def change_alert(self, alert: Alert) -> None: ...

    def report(self, report_id: str) -> StoredReport:
        """The report, held against other writers until the unit ends. Raises NotFound."""

    def change_report(self, report: StoredReport) -> None: ...

    def reviewed(self, transaction_id: str) -> Reviewed:
        """The payment and its labels, held against other writers until the unit ends.

        Raises NotFound.
        """

    def write_label(self, label: Label) -> None: ...

    def rule(self, rule_id: str) -> StoredRule:
        """The newest version, held against other writers until the unit ends. Raises NotFound."""

    def write_rule(self, rule: StoredRule) -> None:
        """Keep a new version. Raises Conflict where another active rule has its name."""


class Ledger(Protocol):
    """The database, seen from the use cases that write."""

    def unit(self) -> AbstractContextManager[Unit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """The payments that are kept, scored or not, by id."""
