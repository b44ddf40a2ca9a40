"""The header Idempotency-Key: identifies a payment that has no id.

draft-ietf-httpapi-idempotency-key-header defines the value as a string in double quotes; clients
also send the value without quotes. Both forms identify the same payment.
"""

from hashlib import sha256
from typing import Annotated, Final

from pydantic import AfterValidator

from risksentinel.errors import Conflict, Violation
from risksentinel.payment_formats.payment_document import PaymentDocument
from risksentinel.payment_formats.worded import Worded

HEADER: Final = "Idempotency-Key"
IdempotencyKey = Annotated[
    str,
    Worded(
        r'^("[ -~]{1,255}"|[!#-~]([ -~]{0,253}[!-~])?)$',
        "1 to 255 printable ASCII characters, such as a UUID, with or without double quotes "
        "around them",
    ),
    AfterValidator(lambda key: key[1:-1] if key.startswith('"') else key),
]


def named_by(key: str | None, payment: PaymentDocument) -> PaymentDocument:
    """The payment; if it has no id, with an id derived from sender and key."""
    if key is None or payment.id is not None:
        return payment
    # A sender id contains no blank, so two pairs of sender and key never give the same text.
    named = sha256(f"idempotency-key {payment.sender_id} {key}".encode()).hexdigest()
    return payment.model_copy(update={"id": named})


def key_conflict() -> Conflict:
    """The error for a key that identifies another payment; the client sent no id to change."""
    words = "belongs to another payment of this sender: give each payment its own key"
    return Conflict([Violation(f"header.{HEADER}", words)])
