"""transaction.scored.v1: the verdict of a payment.

It names no statutory report: consumers pass it on to payers. Reports have their own event.
"""

from typing import Final

from risksentinel.domain.payer_reasons import payer_reasons
from risksentinel.domain.verdict import Scored
from risksentinel.events.event import Event
from risksentinel.text import rfc3339

TOPIC: Final = "transactions.scored"
TYPE: Final = "za.risksentinel.transaction.scored.v1"
SCHEMA: Final = "urn:risksentinel:schema:transaction.scored:1"


def encode(
    scored: Scored, source: str, *, alert_id: str | None, traceparent: str | None = None
) -> Event:
    """The event; its id is derived from the payment's, so a repetition has the same id."""
    transaction, verdict = scored.transaction, scored.verdict
    return Event(
        topic=TOPIC,
        id=f"{transaction.id}.scored",
        type=TYPE,
        source=source,
        subject=transaction.id,
        key=transaction.sender_id,
        time=verdict.scored_at,
        data={
            "transaction_id": transaction.id,
            "sender_id": transaction.sender_id,
            "receiver_id": transaction.receiver_id,
            "amount_zar": str(transaction.amount),
            "occurred_at": rfc3339.to_text(transaction.occurred_at),
            "score": float(verdict.score),
            "risk_level": verdict.risk_level.value,
            "decision": verdict.decision.value,
            "reasons": payer_reasons(verdict.reasons),
            "alert_id": alert_id,
            "scored_at": rfc3339.to_text(verdict.scored_at),
        },
        dataschema=SCHEMA,
        traceparent=traceparent,
    )
