"""The header Idempotency-Key: a name for a payment that has no id of its own.

draft-ietf-httpapi-idempotency-key-header makes the value a string in double quotes; callers write
it without them too. Both name the same payment.
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
    """The payment, with an id that follows from sender and key where the payment has none."""
    if key is None or payment.id is not None:
        return payment
    # A sender's id has no blank, so no two pairs of sender and key make one text.
    named = sha256(f"idempotency-key {payment.sender_id} {key}".encode()).hexdigest()
    return payment.model_copy(update={"id": named})


def key_conflict() -> Conflict:
    """What to say where the key names another payment: the caller knows no id to change."""
    words = "belongs to another payment of this sender: give each payment its own key"
    return Conflict([Violation(f"header.{HEADER}", words)])
