"""transaction.shadowed.v1: what the version in shadow decides about a payment, without effect."""

from typing import Final

from risksentinel.domain.payer_reasons import payer_reasons
from risksentinel.domain.shadowed import Shadowed
from risksentinel.events.event import Event
from risksentinel.events.outcome_member import outcome_member
from risksentinel.text import rfc3339

TOPIC: Final = "transactions.shadowed"
TYPE: Final = "za.risksentinel.transaction.shadowed.v1"
SCHEMA: Final = "urn:risksentinel:schema:transaction.shadowed:1"


def encode(shadowed: Shadowed, source: str) -> Event:
    """The event; its id is derived from payment, version and revision."""
    return Event(
        topic=TOPIC,
        id=f"{shadowed.transaction_id}.shadowed.{shadowed.version}.{shadowed.revision}",
        type=TYPE,
        source=source,
        subject=shadowed.transaction_id,
        key=shadowed.sender_id,
        time=shadowed.scored_at,
        data={
            "transaction_id": shadowed.transaction_id,
            "policy_version": shadowed.version,
            "live_version": shadowed.live_version,
            "live": outcome_member(shadowed.live),
            "shadow": outcome_member(shadowed.shadow),
            "reasons": payer_reasons(shadowed.reasons),
            "scored_at": rfc3339.to_text(shadowed.scored_at),
        },
        dataschema=SCHEMA,
    )
