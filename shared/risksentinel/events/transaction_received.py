"""transaction.received.v1: an accepted payment that is not scored yet."""

from collections.abc import Mapping
from typing import Any, Final

from risksentinel.domain.transaction import Transaction
from risksentinel.events.event import Event
from risksentinel.payment_formats import json_payment
from risksentinel.payment_formats.payment_document import accepted_payment

TOPIC: Final = "transactions.received"
TYPE: Final = "za.risksentinel.transaction.received.v1"
SCHEMA: Final = "urn:risksentinel:schema:transaction.received:1"


def encode(transaction: Transaction, source: str, traceparent: str | None = None) -> Event:
    """The event; its id is derived from the payment's, so a repetition has the same id."""
    return Event(
        topic=TOPIC,
        id=f"{transaction.id}.received",
        type=TYPE,
        source=source,
        subject=transaction.id,
        key=transaction.sender_id,
        time=transaction.occurred_at,
        data=json_payment.serialize(transaction),
        dataschema=SCHEMA,
        traceparent=traceparent,
    )


def decode(data: Mapping[str, Any]) -> Transaction:
    """Read the payment; unknown fields are ignored.

    Raises:
        Malformed: every violation with its path.
    """
    return accepted_payment(data)
