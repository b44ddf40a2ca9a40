"""WriteLabel: what a payment turned out to be, whoever found out."""

from dataclasses import dataclass
from typing import Any

from risksentinel.domain.label import Label, Report, Reviewed
from risksentinel.events import transaction_labelled
from risksentinel.ports.environment import Clock, WakeUp
from risksentinel.ports.ledger import AuditEntry, Ledger, Unit


@dataclass(frozen=True, slots=True)
class WrittenLabel:
    """All that is said of the payment by now; `new` is None where the report changed nothing."""

    reviewed: Reviewed
    new: Label | None


@dataclass(frozen=True, slots=True)
class WriteLabel:
    """The one way by which labels are written: a disposition, a request and an event all take it.

    A label, its audit entry and its announcement are one commit. A source's later contrary word
    makes a new version and the old one is kept; which source counts is said in `domain.label`.
    """

    ledger: Ledger
    clock: Clock
    wake_up: WakeUp
    source: str  # the function that announces it

    def __call__(self, report: Report, actor: str) -> WrittenLabel:
        """Write the label, or nothing where it is known already.

        Raises:
            NotFound: no such payment is kept.
            Malformed: it was reported before the payment, or lies in the future.
        """
        with self.ledger.unit() as unit:
            written = self.within(unit, report, actor)
        self.wake_up()
        return written

    def within(self, unit: Unit, report: Report, actor: str) -> WrittenLabel:
        """The same, as a part of the unit that the caller commits."""
        reviewed = unit.reviewed(report.transaction_id)
        label = reviewed.next(report, actor, self.clock())
        if label is None:
            return WrittenLabel(reviewed, None)
        unit.write_label(label)
        unit.audit([_entry(label, actor)])
        unit.announce([transaction_labelled.encode(reviewed.labelled(label), self.source)])
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
