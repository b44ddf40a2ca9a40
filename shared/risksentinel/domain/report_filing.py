"""StoredReport: a stored statutory report and its filing status."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, StrEnum
from typing import Literal

from risksentinel.domain.statutory_report import StatutoryReport
from risksentinel.domain.verdict import Decision, Verdict
from risksentinel.errors import Conflict, Violation


class ReportStatus(StrEnum):
    """The filing status of a report."""

    OPEN = "open"
    FILED = "filed"
    NOT_REQUIRED = "not_required"  # for example, the payment was declined and no money moved


@dataclass(frozen=True, slots=True)
class StoredReport:
    """One report; `version` counts its changes and guards against lost updates.

    `decision` is RiskSentinel's decision on the payment: for a declined one the officer must check
    whether money moved nevertheless. `reference` is the reference of the filed report at the
    Financial Intelligence Centre; only filed reports have one.
    """

    id: str
    report: StatutoryReport
    decision: Decision
    created_at: datetime
    status: ReportStatus = ReportStatus.OPEN
    reference: str | None = None
    note: str | None = None
    updated_at: datetime | None = None
    version: int = 1

    @classmethod
    def due(cls, report_id: str, report: StatutoryReport, verdict: Verdict) -> "StoredReport":
        """Return a new report of a scored payment."""
        return cls(
            id=report_id, report=report, decision=verdict.decision, created_at=verdict.scored_at
        )

    def changed(self, change: "ReportChange", at: datetime) -> "StoredReport":
        """Return the report after an officer's change.

        Raises:
            Conflict: the status of the report does not allow the change.
        """
        status = change.status or self.status
        kept = self.reference if status is ReportStatus.FILED else None
        reference = change.reference or kept
        note = self.note if change.note is KEEP else change.note
        violations = [
            *self._reference_violations(status, reference),
            *_note_violations(status, note),
        ]
        if violations:
            raise Conflict(violations)
        return replace(
            self,
            status=status,
            reference=reference,
            note=note,
            updated_at=at,
            version=self.version + 1,
        )

    def _reference_violations(self, status: ReportStatus, reference: str | None) -> list[Violation]:
        if status is not ReportStatus.FILED:
            wrong = "only a filed report has a reference: set status to filed"
            return [] if reference is None else [Violation("reference", wrong)]
        if reference is None:
            wrong = "give the reference that the Financial Intelligence Centre answered with"
            return [Violation("reference", wrong)]
        if self.reference not in {None, reference}:
            wrong = "the report is filed under another reference: set status to open first"
            return [Violation("reference", wrong)]
        return []


class _Keep(Enum):
    """The value that means: unchanged."""

    KEEP = "keep"


KEEP = _Keep.KEEP


@dataclass(frozen=True, slots=True)
class ReportChange:
    """The change of an officer; omitted fields stay unchanged, a note of None is removed."""

    status: ReportStatus | None = None
    reference: str | None = None
    note: str | Literal[_Keep.KEEP] | None = KEEP


def _note_violations(status: ReportStatus, note: str | None) -> list[Violation]:
    if status is ReportStatus.NOT_REQUIRED and note is None:
        return [Violation("note", "say why no report is required")]
    return []
