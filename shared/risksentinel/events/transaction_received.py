"""transaction.received.v1: a payment that waits for its score."""

from collections.abc import Mapping
from typing import Any, Final

from risksentinel.domain.transaction import Transaction
from risksentinel.events.event import Event
from risksentinel.payment_formats import json_payment
from risksentinel.payment_formats.payment_document import PaymentDocument, document

TOPIC: Final = "transactions.received"
TYPE: Final = "za.risksentinel.transaction.received.v1"
SCHEMA: Final = "urn:risksentinel:schema:transaction.received:1"


def encode(transaction: Transaction, source: str, traceparent: str | None = None) -> Event:
    """The announcement; its id follows from the payment's, so a repetition has the same one."""
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
    """Read the payment back; fields that are not known are ignored.

    Raises:
        Malformed: every fault with its path.
    """
    known = {name: data[name] for name in PaymentDocument.model_fields if name in data}
    return document(known).accepted()
