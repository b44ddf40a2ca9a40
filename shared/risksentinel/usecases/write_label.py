"""WriteLabel: stores what a payment turned out to be."""

from dataclasses import dataclass
from typing import Any

from risksentinel.domain.label import Label, Report, Reviewed
from risksentinel.events import transaction_labelled
from risksentinel.ports.environment import Clock
from risksentinel.ports.ledger import AuditEntry, Ledger, Unit


@dataclass(frozen=True, slots=True)
class WrittenLabel:
    """The payment with all its labels; `new` is None where the report changed nothing."""

    reviewed: Reviewed
    new: Label | None


@dataclass(frozen=True, slots=True)
class WriteLabel:
    """Writes all labels: those of dispositions, of requests and of events.

    A label, its audit entry and its outbox event are one commit. A later contrary report of a
    source makes a new version, and the old one stays; `domain.label` decides which source counts.
    """

    ledger: Ledger
    clock: Clock
    source: str  # the function that publishes the event

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
        reviewed = unit.reviewed(report.transaction_id)
        label = reviewed.next(report, actor, self.clock())
        if label is None:
            return WrittenLabel(reviewed, None)
        unit.write_label(label)
        unit.audit([_entry(label, actor)])
        unit.enqueue([transaction_labelled.encode(reviewed.labelled(label), self.source)])
        return WrittenLabel(reviewed.with_label(label), label)


def _entry(label: Label, actor: str) -> AuditEntry:
    details: dict[str, Any] = {
        "source": label.source.value,
        "version": label.version,
        "finding": label.finding.value,
        "reported_at": label.reported_at.isoformat(),
    }
    return AuditEntry(
        at=label.written_at,
        actor=actor,
        action="transaction.labelled",
        subject_kind="transaction",
        subject_id=label.transaction_id,
        details=details,
    )
