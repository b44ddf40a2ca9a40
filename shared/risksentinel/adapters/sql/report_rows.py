"""Conversion between a statutory report and its row."""

from typing import Any

from sqlalchemy import Row

from risksentinel.domain.money import Money
from risksentinel.domain.report_filing import ReportStatus, StoredReport
from risksentinel.domain.statutory_report import ReportKind, StatutoryReport
from risksentinel.domain.verdict import Decision


def report_row(kept: StoredReport) -> dict[str, Any]:
    """Every column of `statutory_reports`."""
    report = kept.report
    return {
        "id": kept.id,
        "transaction_id": report.transaction_id,
        "kind": report.kind.value,
        "sender_id": report.sender_id,
        "receiver_id": report.receiver_id,
        "amount_zar": report.amount.amount,
        "due_on": report.due_on,
        "decision": kept.decision.value,
        "status": kept.status.value,
        "reference": kept.reference,
        "note": kept.note,
        "created_at": kept.created_at,
        "updated_at": kept.updated_at,
        "version": kept.version,
    }


def kept_report_of(row: Row[Any]) -> StoredReport:
    """The report in a row of `statutory_reports`."""
    return StoredReport(
        id=row.id,
        report=StatutoryReport(
            kind=ReportKind(row.kind),
            transaction_id=row.transaction_id,
            sender_id=row.sender_id,
            receiver_id=row.receiver_id,
            amount=Money(row.amount_zar),
            due_on=row.due_on,
        ),
        decision=Decision(row.decision),
        status=ReportStatus(row.status),
        reference=row.reference,
        note=row.note,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
