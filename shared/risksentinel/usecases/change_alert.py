"""ChangeAlert: an analyst acknowledges, assigns or resolves; a disposition becomes a label."""

from dataclasses import dataclass
from typing import Any, Final

from risksentinel.domain.alert import Alert, AlertChange, Disposition
from risksentinel.domain.label import Finding, LabelSource, Report
from risksentinel.errors import StaleVersion
from risksentinel.events import alert_updated
from risksentinel.ports.environment import Clock
from risksentinel.ports.ledger import AuditEntry, Ledger
from risksentinel.usecases.write_label import WriteLabel

_FINDINGS: Final = {
    Disposition.CONFIRMED_FRAUD: Finding.FRAUD,
    Disposition.FALSE_POSITIVE: Finding.GENUINE,
    Disposition.INCONCLUSIVE: Finding.WITHDRAWN,  # withdraws the analyst's earlier label
}


@dataclass(frozen=True, slots=True)
class ChangeAlert:
    """One change, its audit entry, its label and its outbox events in one commit."""

    ledger: Ledger
    clock: Clock
    write_label: WriteLabel

    def __call__(
        self, alert_id: str, change: AlertChange, expected: int | None, actor: str
    ) -> Alert:
        """Raises NotFound, StaleVersion, and Conflict where the status forbids the change."""
        now = self.clock()
        with self.ledger.unit() as unit:
            old = unit.alert(alert_id)
            if expected is not None and expected != old.version:
                raise StaleVersion(f"the alert is at version {old.version} now: read it again")
            alert = old.changed(change, now)
            unit.change_alert(alert)
            unit.audit(
                [
                    AuditEntry(
                        at=now,
                        actor=actor,
                        action="alert.changed",
                        subject_kind="alert",
                        subject_id=alert.id,
                        details={
                            "version": alert.version,
                            "before": _worked_on(old),
                            "after": _worked_on(alert),
                        },
                    )
                ]
            )
            unit.enqueue([alert_updated.encode(alert)])
            if change.disposition is not None:
                report = Report(
                    alert.transaction_id, LabelSource.ANALYST, _FINDINGS[change.disposition]
                )
                self.write_label.within(unit, report, actor)
        return alert


def _worked_on(alert: Alert) -> dict[str, Any]:
    """The fields of an alert that analysts change."""
    return {
        "status": alert.status.value,
        "assignee": alert.assignee,
        "disposition": alert.disposition and alert.disposition.value,
        "note": alert.note,
    }
