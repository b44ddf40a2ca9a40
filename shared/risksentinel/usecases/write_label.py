"""WriteLabel: stores what a payment turned out to be."""

from dataclasses import dataclass
from typing import Any, Final

from risksentinel.domain.label import Label, LabelSource, Report
from risksentinel.domain.reviewed import Reviewed
from risksentinel.events import transaction_labelled
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.ledger import AuditEntry, Ledger, Unit
from risksentinel.usecases.review_conflict import review_conflict

_PERSON: Final = LabelSource.ANALYST  # reviews already


@dataclass(frozen=True, slots=True)
class WrittenLabel:
    """The payment with all its labels; `new` is None where the report changed nothing."""

    reviewed: Reviewed
    new: Label | None


@dataclass(frozen=True, slots=True)
class WriteLabel:
    """Writes all labels: those of dispositions, of requests and of events.

    A label, its audit entry and its outbox event are one commit. A contrary report of a source
    makes a new version, and the old one stays; `domain.reviewed` decides which label counts. Where
    none does, because the source contradicts itself, the payment gets an open alert.
    """

    ledger: Ledger
    clock: Clock
    source: str  # the function that publishes the event
    new_id: NewId

    def __call__(self, report: Report, actor: str) -> WrittenLabel:
        """Write the label; a report that changes nothing is not written.

        Raises:
            NotFound: no such payment is stored.
            Malformed: the report is dated before the payment, or in the future.
        """
        with self.ledger.unit() as unit:
            return self.within(unit, report, actor)

    def within(self, unit: Unit, report: Report, actor: str) -> WrittenLabel:
        """Write the label in a unit that the caller commits."""
        reviewed, now = unit.reviewed(report.transaction_id), self.clock()
        label = reviewed.next(report, actor, now)
        if label is None:
            return WrittenLabel(reviewed, None)
        after = reviewed.with_label(label)
        unit.write_label(label)
        unit.audit([_entry(label, actor, report, after)])
        unit.enqueue([transaction_labelled.encode(reviewed.labelled(label), self.source)])
        if after.in_conflict and not reviewed.in_conflict and label.source is not _PERSON:
            review_conflict(unit, label, self.source, self.new_id, now)
        return WrittenLabel(after, label)


def _entry(label: Label, actor: str, report: Report, after: Reviewed) -> AuditEntry:
    details: dict[str, Any] = {
        "source": label.source.value,
        "version": label.version,
        "finding": label.finding.value,
        "reported_at": label.reported_at.isoformat(),
    }
    if report.stated_reporter is not None:
        details["stated_reporter"] = report.stated_reporter
    if after.in_conflict:
        details["in_conflict"] = True
    return AuditEntry(
        at=label.written_at,
        actor=actor,
        action="transaction.labelled",
        subject_kind="transaction",
        subject_id=label.transaction_id,
        details=details,
    )
