"""What the routes of statutory reports answer."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from risksentinel.domain.report_filing import ReportStatus, StoredReport
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.domain.verdict import Decision
from risksentinel.http.answer_types import Moment, Rand


class ReportAnswer(BaseModel):
    """A report that the law asks for, and whether it was filed."""

    id: str
    kind: ReportKind = Field(
        description="CTR: cash threshold report; IFTR: international funds transfer report"
    )
    section: str = Field(examples=["FIC Act, section 28"])
    transaction_id: str
    sender_id: str
    receiver_id: str
    amount_zar: Rand
    threshold_zar: Rand
    due_on: date = Field(
        description="The last day to file: the third business day after the payment's"
    )
    reason: str = Field(description="Why it is due, in words")
    decision: Decision = Field(
        description="On the payment; of a declined one no report is required unless it was made"
    )
    status: ReportStatus
    reference: str | None = Field(description="The filed report's, from the Centre")
    note: str | None
    created_at: Moment
    updated_at: Moment | None
    version: int = Field(description="Counts its changes; the ETag", ge=1)


class ReportPage(BaseModel):
    """One page of statutory reports."""

    items: list[ReportAnswer]
    next_cursor: str | None = Field(description="The next page's name; null on the last")


def shown(kept: StoredReport) -> dict[str, Any]:
    """The report as it stands."""
    report = kept.report
    return {
        "id": kept.id,
        "kind": report.kind,
        "section": report.section,
        "transaction_id": report.transaction_id,
        "sender_id": report.sender_id,
        "receiver_id": report.receiver_id,
        "amount_zar": str(report.amount),
        "threshold_zar": str(report.threshold),
        "due_on": report.due_on.isoformat(),
        "reason": report.reason,
        "decision": kept.decision,
        "status": kept.status,
        "reference": kept.reference,
        "note": kept.note,
        "created_at": kept.created_at,
        "updated_at": kept.updated_at,
        "version": kept.version,
    }
