"""Ledger, Unit: the database for the use cases that write."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from risksentinel.domain.alert import Alert
from risksentinel.domain.checked_value import checked_value
from risksentinel.domain.label import Label
from risksentinel.domain.report_filing import StoredReport
from risksentinel.domain.reviewed import Reviewed
from risksentinel.domain.revision import Revision
from risksentinel.domain.shadowed import Shadowed
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.events.event import Event
from risksentinel.ports.stored_payment import StoredPayment
from risksentinel.rules.rule import StoredRule


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry of the audit log: who did what to which subject, when."""

    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    details: Mapping[str, Any]


Origin = Callable[[], Mapping[str, str]]  # where the current request comes from; may be empty


@checked_value
class Commitment:
    """The digest of a stored verdict, with its payment and receipt; when the payment was received.

    The digest reveals nothing once the key that is stored with the verdict is destroyed.
    """

    digest: str
    received_at: datetime


class Raced(Exception):
    """Another unit stored one of the payments that this unit took for new; nothing was stored."""


class Unit(Protocol):
    """One database transaction: all changes are stored, or none."""

    def receive(self, batch: Sequence[Transaction], at: datetime) -> set[str]:
        """Store payments that wait for their score; answers the ids that were not known before."""

    def keep(self, batch: Sequence[Scored]) -> set[str]:
        """Store payments with their scores; answers the ids whose first verdict is stored by this.

        The id of another stored payment is left out of the answer, and that payment stays.
        """

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """The stored payments of these ids, those of other units included."""

    def commitment(self, transaction_id: str) -> Commitment:
        """The commitment to a verdict that `keep` of this unit stores."""

    def raise_alerts(self, alerts: Sequence[Alert]) -> None: ...

    def owe_reports(self, reports: Sequence[StoredReport]) -> None: ...

    def carries(self, topic: str) -> bool:
        """Whether anything takes the events of the topic; otherwise they need not be made."""

    def enqueue(self, events: Sequence[Event]) -> None:
        """Put events into the outbox, in this order."""

    def audit(self, entries: Sequence[AuditEntry]) -> None: ...

    def alert(self, alert_id: str) -> Alert:
        """The alert, locked against other writers until the unit ends. Raises NotFound."""

    def change_alert(self, alert: Alert) -> None: ...

    def report(self, report_id: str) -> StoredReport:
        """The report, locked against other writers until the unit ends. Raises NotFound."""

    def change_report(self, report: StoredReport) -> None: ...

    def reviewed(self, transaction_id: str) -> Reviewed:
        """The payment and its labels, locked against other writers until the unit ends.

        Raises NotFound.
        """

    def write_label(self, label: Label) -> None: ...

    def keep_shadowed(self, decisions: Sequence[Shadowed]) -> None:
        """Store decisions of the version in shadow."""

    def await_sources(self, batch: Sequence[Revision]) -> None:
        """Store payments that were decided without a source."""

    def revise(self, revision: Revision) -> bool:
        """Store what came of a payment that waits; False where another unit has stored it."""

    def rule(self, rule_id: str) -> StoredRule:
        """The newest version, locked against other writers until the unit ends. Raises NotFound."""

    def write_rule(self, rule: StoredRule) -> None:
        """Store a new version.

        Raises Conflict where another active rule has its name, or the active rules would be too
        many.
        """


class Ledger(Protocol):
    """The database for the use cases that write."""

    def unit(self, *, expects_new: bool = False) -> AbstractContextManager[Unit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error.

        With `expects_new` the caller has just seen that no payment of the unit is stored. `keep`
        may then take all of them for new, and the end of the block raises Raced if another unit has
        stored one of them meanwhile: repeat the unit without `expects_new`.
        """

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """The stored payments of these ids, scored or not, by id."""
