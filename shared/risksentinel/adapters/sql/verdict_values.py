"""VERDICT, verdict_values: a stored verdict with its payment, as its commitment covers them."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from risksentinel.adapters.sql.commitments import OF_PAYMENT, OF_SCORE
from risksentinel.adapters.sql.entry_rows import time_of

VERDICT: Final = (
    f"SELECT {', '.join(f's.{name}' for name in OF_SCORE)}, "  # noqa: S608 - names of ours
    f"{', '.join(f't.{name}' for name in OF_PAYMENT)}, s.commitment_key, s.receipt "
    "FROM risk_scores s "
    "JOIN transactions t ON t.id = s.transaction_id AND t.received_at = s.received_at"
)
_SCORE_PLACES: Final = 4
_AMOUNT_PLACES: Final = 2
_AMOUNT: Final = OF_PAYMENT.index("amount_zar")


def verdict_values(
    row: Sequence[Any],
) -> tuple[Sequence[Any], Sequence[Any], bytes | None, bytes]:
    """The values of OF_SCORE and of OF_PAYMENT, the key and the receipt of a row of VERDICT."""
    score, level, decision, at, reasons = row[: len(OF_SCORE)]
    *payment, key, receipt = row[len(OF_SCORE) :]
    payment[_AMOUNT] = _decimal(payment[_AMOUNT], _AMOUNT_PLACES)
    payment[-1] = time_of(payment[-1])
    if isinstance(reasons, str):
        reasons = json.loads(reasons)
    of_score = (_decimal(score, _SCORE_PLACES), level, decision, time_of(at), reasons)
    return of_score, payment, key, b"" if receipt is None else receipt


def _decimal(stored: int | Decimal, places: int) -> Decimal:
    return Decimal(stored).scaleb(-places) if isinstance(stored, int) else stored
