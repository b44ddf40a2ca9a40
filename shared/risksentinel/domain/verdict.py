"""Verdict: the score of one payment, the decision, and the explanation."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from risksentinel.domain.basis import Basis
from risksentinel.domain.checked_value import checked_value
from risksentinel.domain.signal import Details
from risksentinel.domain.statutory_report import StatutoryReport
from risksentinel.domain.transaction import Transaction, TransactionStatus


class RiskLevel(StrEnum):
    """The level of the score; the thresholds are settings."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Decision(StrEnum):
    """The recommendation to the payer's bank."""

    APPROVE = "approve"
    REVIEW = "review"
    DECLINE = "decline"


DECISIONS = {
    RiskLevel.LOW: Decision.APPROVE,
    RiskLevel.MEDIUM: Decision.APPROVE,
    RiskLevel.HIGH: Decision.REVIEW,
    RiskLevel.CRITICAL: Decision.DECLINE,
}
GRAVITY = {Decision.APPROVE: 0, Decision.REVIEW: 1, Decision.DECLINE: 2}
STATUSES = {
    Decision.APPROVE: TransactionStatus.APPROVED,
    Decision.REVIEW: TransactionStatus.REVIEW,
    Decision.DECLINE: TransactionStatus.DECLINED,
}


@checked_value
class Verdict:
    """The score of one payment with its receipt.

    `score` is between 0 and 1 with four decimals; `explanation` is plain JSON from which the score
    can be recomputed; `alert` says whether an alert is raised. `reports` depend on the payment
    only, not on the score, and raise no alert.
    """

    transaction_id: str
    score: Decimal
    risk_level: RiskLevel
    decision: Decision
    reasons: tuple[str, ...]
    alert: bool
    explanation: Details
    scored_at: datetime
    reports: tuple[StatutoryReport, ...] = ()
    basis: Basis | None = None  # to be stored with the first verdict that has it

    @property
    def status(self) -> TransactionStatus:
        """The status of the payment after the verdict."""
        return STATUSES[self.decision]

    @property
    def learn_only(self) -> bool:
        """Whether the payment is imported history: scored and recorded only."""
        return bool(self.explanation.get("learn_only", False))

    def learnt(self) -> "Verdict":
        """Return the verdict as imported history: without alert and reports."""
        receipt = {**self.explanation, "reports": [], "learn_only": True}
        return replace(self, alert=False, reports=(), explanation=receipt)


@dataclass(frozen=True, slots=True)
class Scored:
    """A payment with its verdict."""

    transaction: Transaction
    verdict: Verdict
