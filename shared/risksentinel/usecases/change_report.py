"""ChangeReport: an officer files a statutory report, or states why none is required."""

from dataclasses import dataclass
from typing import Any

from risksentinel.domain.report_filing import ReportChange, StoredReport
from risksentinel.errors import StaleVersion
from risksentinel.ports.environment import Clock
from risksentinel.ports.ledger import AuditEntry, Ledger


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """One change and its audit entry in one commit."""

    ledger: Ledger
    clock: Clock

    def __call__(
        self, report_id: str, change: ReportChange, expected: int | None, actor: str
    ) -> StoredReport:
        """Raises NotFound, StaleVersion, and Conflict where the status forbids the change."""
        now = self.clock()
        with self.ledger.unit() as unit:
            old = unit.report(report_id)
            if expected is not None and expected != old.version:
                raise StaleVersion(f"the report is at version {old.version} now: read it again")
            report = old.changed(change, now)
            unit.change_report(report)
            entry = AuditEntry(
                at=now,
                actor=actor,
                action="report.changed",
                subject_kind="report",
                subject_id=report.id,
                details={
                    "version": report.version,
                    "before": _worked_on(old),
                    "after": _worked_on(report),
                },
            )
            unit.audit([entry])
        return report


def _worked_on(report: StoredReport) -> dict[str, Any]:
    """The fields of a report that officers change."""
    return {
        "status": report.status.value,
        "reference": report.reference,
        "note": report.note,
    }
