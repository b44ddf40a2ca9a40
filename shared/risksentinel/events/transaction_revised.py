"""transaction.revised.v1: with all sources, a payment would have been decided otherwise."""

from datetime import datetime
from typing import Final

from risksentinel.domain.payer_reasons import payer_reasons
from risksentinel.domain.revision import Revision
from risksentinel.domain.shadowed import Outcome
from risksentinel.events.event import Event
from risksentinel.events.outcome_member import outcome_member
from risksentinel.text import rfc3339

TOPIC: Final = "transactions.revised"
TYPE: Final = "za.risksentinel.transaction.revised.v1"
SCHEMA: Final = "urn:risksentinel:schema:transaction.revised:1"


def encode(
    revision: Revision,
    second: Outcome,
    sender_id: str,
    at: datetime,
    alert_id: str | None,
    source: str,
) -> Event:
    """The event; its id is derived from the payment, which is revised once."""
    return Event(
        topic=TOPIC,
        id=f"{revision.transaction_id}.revised",
        type=TYPE,
        source=source,
        subject=revision.transaction_id,
        key=sender_id,
        time=at,
        data={
            "transaction_id": revision.transaction_id,
            "revised": revision.state.value,
            "decided_without": list(revision.decided_without),
            "first": outcome_member(revision.first),
            "second": outcome_member(second),
            "reasons": payer_reasons(revision.reasons),
            "alert_id": alert_id,
            "scored_at": rfc3339.to_text(revision.scored_at),
            "revised_at": rfc3339.to_text(at),
        },
        dataschema=SCHEMA,
    )
