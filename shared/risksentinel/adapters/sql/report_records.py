"""SqlReportRecords: statutory reports for readers, in pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Engine, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.pages import SoonestFirst
from risksentinel.adapters.sql.report_rows import kept_report_of
from risksentinel.adapters.sql.tables import statutory_reports
from risksentinel.domain.report_filing import StoredReport
from risksentinel.errors import NotFound
from risksentinel.ports.pages import Page
from risksentinel.ports.report_records import ReportFilter

_COLUMNS: Final = statutory_reports.c
_ORDER: Final = SoonestFirst(_COLUMNS.due_on, _COLUMNS.id)
_ORDER_OF_A_PAYMENT: Final = SoonestFirst(_COLUMNS.due_on, _COLUMNS.id, few=True)


@dataclass(frozen=True, slots=True)
class SqlReportRecords:
    """Meets `ports.ReportRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def reports(
        self, which: ReportFilter, after: tuple[str, ...] | None, most: int
    ) -> Page[StoredReport]:
        """One page of the reports that match the filter, the soonest due first."""
        query = select(statutory_reports).where(*_conditions(which))
        order = _ORDER if which.transaction_id is None else _ORDER_OF_A_PAYMENT
        with reading(self.engine) as connection:
            return order.page(connection, query, after, most, kept_report_of, which.due_from)

    def report(self, report_id: str) -> StoredReport:
        """The report. Raises NotFound."""
        query = select(statutory_reports).where(_COLUMNS.id == report_id)
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("there is no such report")
        return kept_report_of(row)


def _conditions(which: ReportFilter) -> Iterator[ColumnElement[bool]]:
    if which.kind is not None:
        yield _COLUMNS.kind == which.kind.value
    if which.status is not None:
        yield _COLUMNS.status == which.status.value
    if which.due_to is not None:
        yield _COLUMNS.due_on <= which.due_to
    if which.transaction_id is not None:
        yield _COLUMNS.transaction_id == which.transaction_id
