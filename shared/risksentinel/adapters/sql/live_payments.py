"""live_payment_of: a row of `transactions` -> the payment with the decision in force."""

from typing import Any, Final

from sqlalchemy import Row

from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.payments_in_order import decision_in
from risksentinel.domain.verdict import RiskLevel
from risksentinel.ports.live_payment import LivePayment

_LEVELS: Final = {level.value: level for level in RiskLevel}  # faster than calling it


def live_payment_of(row: Row[Any]) -> LivePayment:
    """The payment in a row of `transactions` of a scored payment."""
    return LivePayment(
        transaction_of(row), decision_in(row), _LEVELS[row.risk_level], row.received_at
    )
