"""Statutory reports: a list, one of them, and what officers do with it."""

import re
from datetime import date
from typing import Annotated, Final

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from functions.alert_dispatch.report_change import ReportChangeBody
from functions.alert_dispatch.report_responses import ReportPage, ReportResponse
from risksentinel.domain.report_filing import KeptReport, ReportStatus
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.errors import Fault, Malformed
from risksentinel.http.cursor_pages import PageQuery, page_response
from risksentinel.http.parameters import Parameters
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ChangeHeaders, versioned
from risksentinel.payment_formats.payment_document import Identifier
from risksentinel.ports.report_records import ReportFilter, ReportRecords
from risksentinel.usecases.change_report import ChangeReport

PATH: Final = "/api/v1/reports"
TAG: Final = Tag(name="reports", description="What the law asks to report, suspicious or not")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _day(value: object) -> date:
    if isinstance(value, str) and _ISO.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # falls to the fault below: the digits name no day of any calendar
    raise PydanticCustomError("day", "must be a date, like 2026-05-06")


Day = Annotated[date, BeforeValidator(_day)]


class ReportQuery(PageQuery):
    """Which reports, and which page of them."""

    kind: ReportKind | None = None
    status: ReportStatus | None = None
    due_from: Day | None = Field(None, description="The earliest due_on, included")
    due_to: Day | None = Field(None, description="The latest due_on, included")
    transaction_id: Identifier | None = None

    def filter(self) -> ReportFilter:
        """Which reports. Raises Malformed where `due_from` lies after `due_to`."""
        if self.due_from is not None and self.due_to is not None and self.due_from > self.due_to:
            raise Malformed([Fault("query.due_from", "must not lie after due_to")])
        return ReportFilter(self.kind, self.status, self.due_from, self.due_to, self.transaction_id)


class ReportPath(Parameters):
    """Which report."""

    report_id: Identifier


def routes(records: ReportRecords, change_report: ChangeReport) -> APIBlueprint:
    """The routes that statutory reports are read and filed by."""
    api = APIBlueprint("reports", __name__, url_prefix=PATH, abp_tags=[TAG])

    def answer(report: KeptReport) -> Response:
        return versioned(ReportResponse.serialize(report), report.version)

    @api.get(
        "/",
        summary="List statutory reports",
        description="The soonest due first by `due_on`, in pages. `status=open` with `due_to` "
        "lists what must be filed by a day.",
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
        description="Its version is the ETag.",
        responses={200: ReportResponse, 404: ProblemDocument},
    )
    def one(path: ReportPath) -> Response:
        return answer(records.report(path.report_id))

    @api.patch(
        "/<report_id>",
        summary="Mark a statutory report as filed, or as not required",
        description="RiskSentinel files nothing itself: the report goes to the Financial "
        "Intelligence Centre by its own portal, and its reference is kept here.",
        responses={
            200: ReportResponse,
            404: ProblemDocument,
            409: ProblemDocument,
            412: ProblemDocument,
        },
    )
    def changed(path: ReportPath, header: ChangeHeaders, body: ReportChangeBody) -> Response:
        return answer(change_report(path.report_id, body.change, header.expected, header.actor))

    return api
