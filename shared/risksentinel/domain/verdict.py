"""Verdict: the score of one payment, what follows from it, and how it came about."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from risksentinel.domain.signal import Details
from risksentinel.domain.statutory_report import StatutoryReport
from risksentinel.domain.transaction import Transaction, TransactionStatus


class RiskLevel(StrEnum):
    """The score in four steps; the borders are settings."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Decision(StrEnum):
    """What the payer's bank should do."""

    APPROVE = "approve"
    REVIEW = "review"
    DECLINE = "decline"


DECISIONS = {
    RiskLevel.LOW: Decision.APPROVE,
    RiskLevel.MEDIUM: Decision.APPROVE,
    RiskLevel.HIGH: Decision.REVIEW,
    RiskLevel.CRITICAL: Decision.DECLINE,
}
STATUSES = {
    Decision.APPROVE: TransactionStatus.APPROVED,
    Decision.REVIEW: TransactionStatus.REVIEW,
    Decision.DECLINE: TransactionStatus.DECLINED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The score of one payment with its receipt.

    `score` lies between 0 and 1 with four decimals; `explanation` is plain JSON from which the
    score can be computed again; `alert` says whether an analyst must hear of it. `reports` follow
    from the payment alone, never from the score, and are no alert.
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

    @property
    def status(self) -> TransactionStatus:
        """The status that the payment has from now on."""
        return STATUSES[self.decision]

    @property
    def learn_only(self) -> bool:
        """Whether the payment is imported history: scored and recorded, for nobody to act on."""
        return bool(self.explanation.get("learn_only", False))

    def learnt(self) -> "Verdict":
        """The verdict as imported history has it: no alert, no report due; the receipt says so."""
        receipt = {**self.explanation, "reports": [], "learn_only": True}
        return replace(self, alert=False, reports=(), explanation=receipt)


@dataclass(frozen=True, slots=True)
class Scored:
    """A payment with its verdict."""

    transaction: Transaction
    verdict: Verdict
