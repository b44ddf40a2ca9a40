"""The responses of the routes that take payments."""

from typing import Any

from pydantic import Field

from risksentinel.domain.payer_reasons import payer_reasons
from risksentinel.domain.transaction import Transaction, TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.response_model import ResponseModel, Score
from risksentinel.ports.stored_payment import StoredVerdict


class DecisionResponse(ResponseModel):
    """A payment's decision; score, risk level and decision are null until the payment is scored.

    It names no statutory report, because the payer may see it.
    """

    id: str
    status: TransactionStatus
    score: Score | None = Field(description="0 to 1, four decimals")
    risk_level: RiskLevel | None
    decision: Decision | None
    reasons: list[str] = Field(
        description="In words, the largest contribution first; reasons for analysts only, which "
        "name reports, are in the receipt"
    )
    alert_id: str | None = Field(description="The alert that the payment raised, if any")


class BatchItemResponse(ResponseModel):
    """The result of one payment of a batch: a transaction, or a problem."""

    index: int = Field(description="The payment's position in the batch, from 0")
    status: int = Field(description="The HTTP status of the same payment sent alone")
    transaction: DecisionResponse | None = None
    problem: ProblemDocument | None = None


class BatchResponse(ResponseModel):
    """One result for each payment, in the order of the batch."""

    results: list[BatchItemResponse]


# A dict and not the model: the model made a batch of 500 payments 6 % slower. A test verifies the
# dicts against DecisionResponse.
def decided(stored: StoredVerdict) -> dict[str, Any]:
    """The members of DecisionResponse for a scored payment."""
    verdict = stored.scored.verdict
    return {
        "id": verdict.transaction_id,
        "status": verdict.status,
        "score": verdict.score,
        "risk_level": verdict.risk_level,
        "decision": verdict.decision,
        "reasons": payer_reasons(verdict.reasons),
        "alert_id": stored.alert_id,
    }


def waiting(payment: Transaction) -> dict[str, Any]:
    """The members of DecisionResponse for a payment that is not scored yet."""
    return {
        "id": payment.id,
        "status": TransactionStatus.RECEIVED,
        "score": None,
        "risk_level": None,
        "decision": None,
        "reasons": [],
        "alert_id": None,
    }
