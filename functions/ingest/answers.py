"""What the routes that take payments answer, as the API's document describes it."""

from typing import Any

from pydantic import BaseModel, Field

from risksentinel.domain.statutory_report import ReportKind, kinds_due
from risksentinel.domain.transaction import Transaction, TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.http.answer_types import Score
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.ports.stored_payment import StoredVerdict


class Decided(BaseModel):
    """A payment's verdict; score, level and decision are null while it waits for its score."""

    id: str
    status: TransactionStatus
    score: Score | None = Field(description="0 to 1, four decimals")
    risk_level: RiskLevel | None
    decision: Decision | None
    reasons: list[str] = Field(description="In words, the weightiest first")
    alert_id: str | None = Field(description="The alert that it raised, if any")
    reports: list[ReportKind] = Field(
        description="The statutory reports that the payment calls for, whatever its score: CTR for "
        "cash above R49,999.99, IFTR for money abroad above R19,999.99. Of a declined payment one "
        "is due only if the payment was made all the same"
    )


class Result(BaseModel):
    """What became of one payment of a batch: a transaction, or a problem."""

    index: int = Field(description="Its place in the batch, from 0")
    status: int = Field(description="The HTTP status that it would have had alone")
    transaction: Decided | None = None
    problem: ProblemDocument | None = None


class Results(BaseModel):
    """One result a payment, in the batch's order."""

    results: list[Result]


def decided(standing: StoredVerdict) -> dict[str, Any]:
    """The verdict that stands."""
    verdict = standing.scored.verdict
    return {
        "id": verdict.transaction_id,
        "status": verdict.status,
        "score": verdict.score,
        "risk_level": verdict.risk_level,
        "decision": verdict.decision,
        "reasons": verdict.reasons,
        "alert_id": standing.alert_id,
        "reports": [report.kind for report in verdict.reports],
    }


def waiting(payment: Transaction) -> dict[str, Any]:
    """A payment that has no score yet."""
    return {
        "id": payment.id,
        "status": TransactionStatus.RECEIVED,
        "score": None,
        "risk_level": None,
        "decision": None,
        "reasons": [],
        "alert_id": None,
        "reports": kinds_due(payment),
    }
