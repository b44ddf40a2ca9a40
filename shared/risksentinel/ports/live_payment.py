"""LivePayment: a stored payment with the decision in force."""

from datetime import datetime
from typing import NamedTuple

from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision, RiskLevel


class LivePayment(NamedTuple):
    """A scored payment with the decision in force."""

    payment: Transaction
    decision: Decision
    level: RiskLevel
    received_at: datetime
