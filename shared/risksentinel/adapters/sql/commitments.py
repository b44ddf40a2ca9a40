"""Commitments: the digest of a stored verdict that its entry in the ledger contains.

The digest covers the payment, the verdict and the bytes of the receipt, and a random key in the
row. A changed row no longer has this digest. Without the key the digest reveals nothing: erasure
destroys the key.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

KEY_BYTES: Final = 16
# The columns that a commitment covers, of `risk_scores` and of `transactions`.
OF_SCORE: Final = ("score", "risk_level", "decision", "scored_at", "reasons")
OF_PAYMENT: Final = (
    "id",
    "sender_id",
    "receiver_id",
    "amount_zar",
    "channel",
    "rail",
    "merchant_category",
    "receiver_country",
    "device_id",
    "occurred_at",
)


def new_keys(count: int) -> list[bytes]:
    """So many random keys."""
    chance = os.urandom(count * KEY_BYTES)
    return [chance[at : at + KEY_BYTES] for at in range(0, len(chance), KEY_BYTES)]


def commitment(key: bytes, score: Sequence[Any], payment: Sequence[Any], receipt: bytes) -> str:
    """The commitment of the values of OF_SCORE and OF_PAYMENT, as the engine's values."""
    fields = "\0".join(map(_text, (*score, *payment)))
    return sha256(b"%b%b\0%b" % (key, fields.encode(), receipt)).hexdigest()


def _text(value: Any) -> str:  # noqa: ANN401 - any value of a column
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.4f}"  # as many places as a score has; an amount has two
    return "\x1f".join(value)
