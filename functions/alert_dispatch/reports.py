"""The routes of statutory reports: the list, one report, and its changes by officers."""

import re
from datetime import date
from typing import Annotated, Final

from flask import Response
from flask_openapi3.models.tag import Tag
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from functions.alert_dispatch.report_change import ReportChangeBody
from functions.alert_dispatch.report_responses import ReportPage, ReportResponse
from risksentinel.domain.report_filing import ReportStatus, StoredReport
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.errors import Malformed, Violation
from risksentinel.http.access import caller
from risksentinel.http.cursor_pages import PageQuery, page_response
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.parameters import Parameters
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ChangeHeaders, versioned
from risksentinel.payment_formats.payment_document import Identifier
from risksentinel.ports.report_records import ReportFilter, ReportRecords
from risksentinel.usecases.change_report import ChangeReport
from risksentinel.usecases.record_read import RecordRead

PATH: Final = "/api/v1/reports"
TAG: Final = Tag(name="reports", description="Statutory reports of payments, suspicious or not")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _day(value: object) -> date:
    if isinstance(value, str) and _ISO.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # the digits are not a day of the calendar: the error below
    raise PydanticCustomError("day", "must be a date, like 2026-05-06")


Day = Annotated[date, BeforeValidator(_day)]


class ReportQuery(PageQuery):
    """The filters and the page of the list of statutory reports."""

    kind: ReportKind | None = None
    status: ReportStatus | None = None
    due_from: Day | None = Field(None, description="The earliest due_on, included")
    due_to: Day | None = Field(None, description="The latest due_on, included")
    transaction_id: Identifier | None = None

    def filter(self) -> ReportFilter:
        """The filter of the query. Raises Malformed if `due_from` is later than `due_to`."""
        if self.due_from is not None and self.due_to is not None and self.due_from > self.due_to:
            raise Malformed([Violation("query.due_from", "must not be later than due_to")])
        return ReportFilter(self.kind, self.status, self.due_from, self.due_to, self.transaction_id)


class ReportPath(Parameters):
    """The id of a statutory report."""

    report_id: Identifier


def routes(
    records: ReportRecords, change_report: ChangeReport, record_read: RecordRead
) -> DescribedRoutes:
    """The routes that read and change statutory reports."""
    api = DescribedRoutes("reports", __name__, url_prefix=PATH, abp_tags=[TAG])

    def answer(report: StoredReport) -> Response:
        return versioned(ReportResponse.serialize(report), report.version)

    @api.get(
        "/",
        summary="List statutory reports",
        description="The earliest `due_on` first, in pages. `status=open` with `due_to` lists the "
        "reports that must be filed by a day.",
        responses={200: ReportPage},
    )
    def listed(query: ReportQuery) -> Response:
        which = query.filter()
        return page_response(
            query,
            lambda after, most: records.reports(which, after, most),
            ReportResponse.serialize,
        )

    @api.get(
        "/<report_id>",
        summary="Show a statutory report",
        description="The version is the ETag.",
        responses={200: ReportResponse, 404: ProblemDocument},
    )
    def one(path: ReportPath) -> Response:
        report = records.report(path.report_id)
        record_read(caller(), "report", report.id)
        return answer(report)

    @api.patch(
        "/<report_id>",
        summary="Mark a statutory report as filed, or as not required",
        description="RiskSentinel does not file reports: an officer files the report in the portal "
        "of the Financial Intelligence Centre, and stores its reference here.",
        responses={
            200: ReportResponse,
            404: ProblemDocument,
            409: ProblemDocument,
            412: ProblemDocument,
            428: ProblemDocument,
        },
    )
    def changed(path: ReportPath, header: ChangeHeaders, body: ReportChangeBody) -> Response:
        return answer(change_report(path.report_id, body.change, header.expected, caller().name))

    return api
