"""The responses of the routes of statutory reports."""

from typing import Final

from pydantic import AliasPath, Field

from risksentinel.domain.report_filing import ReportStatus
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.domain.verdict import Decision
from risksentinel.http.response_model import Day, Moment, Rand, ResponseModel

_REPORT: Final = "report"


class ReportResponse(ResponseModel):
    """A statutory report, and whether it was filed."""

    id: str
    kind: ReportKind = Field(
        validation_alias=AliasPath(_REPORT, "kind"),
        description="CTR: cash threshold report; IFTR: international funds transfer report",
    )
    section: str = Field(
        validation_alias=AliasPath(_REPORT, "section"), examples=["FIC Act, section 28"]
    )
    transaction_id: str = Field(validation_alias=AliasPath(_REPORT, "transaction_id"))
    sender_id: str = Field(validation_alias=AliasPath(_REPORT, "sender_id"))
    receiver_id: str = Field(validation_alias=AliasPath(_REPORT, "receiver_id"))
    amount_zar: Rand = Field(validation_alias=AliasPath(_REPORT, "amount"))
    threshold_zar: Rand = Field(validation_alias=AliasPath(_REPORT, "threshold"))
    due_on: Day = Field(
        validation_alias=AliasPath(_REPORT, "due_on"),
        description="The last day to file: the third business day after the payment's day",
    )
    reason: str = Field(
        validation_alias=AliasPath(_REPORT, "reason"), description="Why the report is due"
    )
    decision: Decision = Field(
        description="The decision on the payment; a declined payment requires a report only if "
        "the payment was made all the same"
    )
    status: ReportStatus
    reference: str | None = Field(
        description="The Financial Intelligence Centre's reference of the filed report"
    )
    note: str | None
    created_at: Moment
    updated_at: Moment | None
    version: int = Field(description="Number of the report's version; the ETag", ge=1)


class ReportPage(ResponseModel):
    """One page of statutory reports."""

    items: list[ReportResponse]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last")
