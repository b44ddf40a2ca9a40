"""A payment as text again: what PaymentDocument reads."""

from datetime import datetime
from typing import Any

from risksentinel.domain.transaction import Transaction
from risksentinel.text import rfc3339


def stated(transaction: Transaction) -> dict[str, Any]:
    """The payment's document; fields that it does not have are left out."""
    fields = {
        "id": transaction.id,
        "sender_id": transaction.sender_id,
        "receiver_id": transaction.receiver_id,
        "amount_zar": str(transaction.amount),
        "channel": transaction.channel.value,
        "rail": transaction.rail and transaction.rail.value,
        "merchant_category": transaction.merchant_category,
        "receiver_country": transaction.receiver_country,
        "device_id": transaction.device_id,
        "sim_swapped_at": _text(transaction.sim_swapped_at),
        "beneficiary_added_at": _text(transaction.beneficiary_added_at),
        "occurred_at": rfc3339.to_text(transaction.occurred_at),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _text(at: datetime | None) -> str | None:
    return None if at is None else rfc3339.to_text(at)
