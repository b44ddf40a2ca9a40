"""report.due.v1: a payment must be reported to the Financial Intelligence Centre."""

from typing import Final

from risksentinel.domain.report_filing import StoredReport
from risksentinel.events.event import Event
from risksentinel.text import rfc3339

TOPIC: Final = "reports.due"
TYPE: Final = "za.risksentinel.report.due.v1"
SCHEMA: Final = "urn:risksentinel:schema:report.due:1"


def encode(kept: StoredReport, source: str, traceparent: str | None = None) -> Event:
    """The event of the report when it became due; a repetition has the same id."""
    report = kept.report
    return Event(
        topic=TOPIC,
        id=f"{kept.id}.due",
        type=TYPE,
        source=source,
        subject=report.transaction_id,
        key=report.sender_id,
        time=kept.created_at,
        data={
            "report_id": kept.id,
            "kind": report.kind.value,
            "section": report.section,
            "transaction_id": report.transaction_id,
            "sender_id": report.sender_id,
            "receiver_id": report.receiver_id,
            "amount_zar": str(report.amount),
            "threshold_zar": str(report.threshold),
            "due_on": report.due_on.isoformat(),
            "reason": report.reason,
            "decision": kept.decision.value,
            "created_at": rfc3339.to_text(kept.created_at),
        },
        dataschema=SCHEMA,
        traceparent=traceparent,
    )
