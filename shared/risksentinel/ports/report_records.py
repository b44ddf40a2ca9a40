"""Statutory reports, seen from those who only read."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from risksentinel.domain.report_filing import ReportStatus, StoredReport
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.ports.pages import Page


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports: `due_from` and `due_to` are both included."""

    kind: ReportKind | None = None
    status: ReportStatus | None = None
    due_from: date | None = None
    due_to: date | None = None
    transaction_id: str | None = None


class ReportRecords(Protocol):
    """Statutory reports, seen from those who only read."""

    def reports(
        self, which: ReportFilter, after: tuple[str, ...] | None, most: int
    ) -> Page[StoredReport]:
        """The soonest due first. Raises NoCursor where `after` is no key."""

    def report(self, report_id: str) -> StoredReport:
        """Raises NotFound."""
