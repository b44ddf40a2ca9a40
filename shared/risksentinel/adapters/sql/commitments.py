"""Commitments: the digest of a stored verdict that its entry in the ledger contains.

The digest covers the payment, the verdict and the bytes of the receipt, and a random key in the
row. A changed row no longer has this digest. Without the key the digest reveals nothing: erasure
destroys the key.
"""

import os
from collections.abc import Sequence
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


def commitment(
    key: bytes,
    score: tuple[Decimal, str, str, int, str],
    payment: Sequence[Any],
    receipt: bytes,
) -> str:
    """The commitment of the values of OF_SCORE and OF_PAYMENT.

    Times are microseconds since 1970, and the reasons are the stored JSON.
    """
    number, level, decision, at, reasons = score
    name, sender, receiver, amount, *texts, occurred = payment
    rest = "\0".join([text or "" for text in texts])
    fields = (
        f"{number:.4f}\0{level}\0{decision}\0{at}\0{reasons}\0"
        f"{name}\0{sender}\0{receiver}\0{amount:.2f}\0{rest}\0{occurred}\0"
    )
    return sha256(b"%b%b%b" % (key, fields.encode(), receipt)).hexdigest()
