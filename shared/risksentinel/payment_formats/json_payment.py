"""The JSON object of a payment, in the HTTP API, in events and in receipts."""

from typing import Any, Final

from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Malformed
from risksentinel.payment_formats.payment_document import PaymentDocument, document
from risksentinel.text import rfc3339, strict_json

_TIMES: Final = ("sim_swapped_at", "beneficiary_added_at", "occurred_at")


def read(body: bytes) -> PaymentDocument:
    """Parse one payment.

    Raises:
        Malformed: the body is not JSON, or the payment has violations; all of them are listed.
    """
    value = strict_json.decode(body)
    if not isinstance(value, dict):
        raise Malformed("a payment is one JSON object")
    return document(value)


def serialize(transaction: Transaction) -> dict[str, Any]:
    """Return the JSON object that `read` accepts for the payment; unstated fields are left out."""
    values = transaction.to_mapping()
    values["amount_zar"] = str(transaction.amount)
    for name in _TIMES:
        if values[name] is not None:
            values[name] = rfc3339.to_text(values[name])
    return {name: value for name, value in values.items() if value is not None}
