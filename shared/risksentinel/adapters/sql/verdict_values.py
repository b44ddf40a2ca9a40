"""stored_verdicts, verdict_values: verdicts with their payments, as commitments cover them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from risksentinel.adapters.sql.commitments import OF_PAYMENT, OF_SCORE
from risksentinel.adapters.sql.entry_rows import among, is_postgresql, rows
from risksentinel.adapters.sql.types import in_microseconds

_VERDICT: Final = (  # of constants
    f"SELECT {', '.join(f's.{name}' for name in OF_SCORE)}{{text}}, "  # noqa: S608 - of constants
    f"{', '.join(f't.{name}' for name in OF_PAYMENT)}, s.commitment_key, s.receipt "
    "FROM risk_scores s "
    "JOIN transactions t ON t.id = s.transaction_id AND t.received_at = s.received_at WHERE "
)
_SCORE_PLACES: Final = 4
_AMOUNT_PLACES: Final = 2
_AMOUNT: Final = OF_PAYMENT.index("amount_zar")


def stored_verdicts(connection: Connection, ids: Sequence[str]) -> Sequence[Any]:
    """The rows of the verdicts of these payments."""
    condition, value = among(connection, "s.transaction_id", ids)
    query = _VERDICT.format(text="::text" if is_postgresql(connection) else "")
    return rows(connection, query + condition, value)


def verdict_values(
    row: Sequence[Any],
) -> tuple[tuple[Decimal, str, str, int, str], Sequence[Any], bytes | None, bytes]:
    """The values of OF_SCORE and of OF_PAYMENT, the key and the receipt of a row."""
    score, level, decision, at, reasons, *payment, key, receipt = row
    payment[_AMOUNT] = _decimal(payment[_AMOUNT], _AMOUNT_PLACES)
    payment[-1] = _microseconds(payment[-1])
    of_score = _decimal(score, _SCORE_PLACES), level, decision, _microseconds(at), reasons
    return of_score, payment, key, b"" if receipt is None else receipt


def _microseconds(stored: Any) -> int:  # noqa: ANN401 - the driver's value
    return stored if isinstance(stored, int) else in_microseconds(stored)


def _decimal(stored: int | Decimal, places: int) -> Decimal:
    return Decimal(stored).scaleb(-places) if isinstance(stored, int) else stored
