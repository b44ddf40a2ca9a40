"""ReportRecords: statutory reports for readers."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from risksentinel.domain.report_filing import ReportStatus, StoredReport
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.ports.pages import Page


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Conditions on reports, None is no condition; `due_from` and `due_to` are both included."""

    kind: ReportKind | None = None
    status: ReportStatus | None = None
    due_from: date | None = None
    due_to: date | None = None
    transaction_id: str | None = None


class ReportRecords(Protocol):
    """Statutory reports for readers."""

    def reports(
        self, which: ReportFilter, after: tuple[str, ...] | None, most: int
    ) -> Page[StoredReport]:
        """The soonest due first. Raises NoCursor where `after` is not a key."""

    def report(self, report_id: str) -> StoredReport:
        """The report. Raises NotFound."""
