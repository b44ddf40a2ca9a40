"""A payment as one JSON object, as the HTTP API takes it."""

from risksentinel.errors import Malformed
from risksentinel.payment_formats.payment_document import PaymentDocument, document
from risksentinel.text import strict_json


def read(body: bytes) -> PaymentDocument:
    """Read one payment.

    Raises:
        Malformed: every fault with its path.
    """
    value = strict_json.decode(body)
    if not isinstance(value, dict):
        raise Malformed("a payment is one JSON object")
    return document(value)
