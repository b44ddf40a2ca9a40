"""What the routes that show payments answer."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from functions.ingest.label_answers import Said, said
from risksentinel.domain.label import Label
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.domain.transaction import Channel, Rail, TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.http.answer_types import Moment, Rand, Score
from risksentinel.ports.transaction_records import StoredTransaction


class Kept(BaseModel):
    """A payment as it is kept; what comes of the score is null while it waits for it."""

    id: str
    sender_id: str
    receiver_id: str
    amount_zar: Rand
    channel: Channel
    rail: Rail | None
    merchant_category: str | None
    receiver_country: str | None
    device_id: str | None
    sim_swapped_at: Moment | None
    beneficiary_added_at: Moment | None
    occurred_at: Moment
    received_at: Moment
    status: TransactionStatus
    score: Score | None
    risk_level: RiskLevel | None
    decision: Decision | None
    reasons: list[str] = Field(description="In words, the weightiest first")
    alert_id: str | None = Field(description="The alert that it raised, if any")
    scored_at: Moment | None


class Shown(Kept):
    """A payment with what it turned out to be."""

    label: Said | None = Field(
        description="What counts of all that was said of it; null where nobody said anything, "
        "or what they said was withdrawn"
    )


class KeptPage(BaseModel):
    """One page of payments."""

    items: list[Kept]
    next_cursor: str | None = Field(description="The next page's name; null on the last")


class Signal(BaseModel):
    """What one signal said."""

    status: str = Field(description="ok, or silent: it could not find out", examples=["ok"])
    score: float | None = Field(description="0 to 1; null where it was silent")
    weight: float = Field(description="Its share of the whole; a silent one's goes to the others")
    contribution: float = Field(description="weight times score, to four decimals")
    reason: str
    details: dict[str, Any] = Field(description="What it was computed from")


class Escalation(BaseModel):
    """A reason why the score does not stay below a floor."""

    name: str = Field(description="Which of the escalations", examples=["velocity_exceeded"])
    floor: float = Field(description="The least score that it asks for")
    lift: float = Field(description="What it adds to the score")
    because: str | None = Field(description="The rule that asks for it as id@version, if one does")
    reason: str = Field(description="In words")


class ReceiptReport(BaseModel):
    """A statutory report that the payment calls for."""

    kind: ReportKind
    section: str = Field(examples=["FIC Act, section 28"])
    threshold_zar: Rand
    due_on: date = Field(description="The last day to file it")
    reason: str


class Explanation(BaseModel):
    """The receipt of a score: from it alone the score can be computed again."""

    model_config = ConfigDict(extra="allow")  # receipts are kept as they were written

    transaction_id: str
    score: float = Field(description="The composite and the lifts of the escalations")
    risk_level: RiskLevel = Field(
        description="By the score: low, medium from RISK_SCORE_MEDIUM, high, critical"
    )
    decision: Decision
    approved_by: str | None = Field(
        None, description="The rule with the action approve that decided, as id@version"
    )
    reasons: list[str]
    input: dict[str, Any] = Field(description="The payment as it was scored")
    signals: dict[str, Signal] = Field(description="rules, velocity, anomaly and ml")
    composite: float | None = Field(
        None, description="The sum of the contributions; not in receipts of earlier releases"
    )
    escalations: list[Escalation] = Field(
        default_factory=list,
        description="What lifted the composite, the lowest floor first; none where it stands",
    )
    thresholds: dict[str, float] = Field(
        description="medium, high, critical and alert, as they were then"
    )
    model: dict[str, Any] | None = Field(description="The model that took part, if one did")
    learn_only: bool = Field(
        default=False,
        description="Whether it is imported history: no alert, no announcement, no report due",
    )
    reports: list[ReceiptReport] = Field(
        [], description="Left out of receipts that were written before there were reports"
    )
    scored_at: Moment


def kept(payment: StoredTransaction) -> dict[str, Any]:
    """The payment and what came of its score."""
    transaction = payment.transaction
    return {
        **transaction.to_mapping(),
        "amount_zar": str(transaction.amount),
        "received_at": payment.received_at,
        "status": payment.status,
        "score": payment.score,
        "risk_level": payment.risk_level,
        "decision": payment.decision,
        "reasons": payment.reasons,
        "alert_id": payment.alert_id,
        "scored_at": payment.scored_at,
    }


def shown(payment: StoredTransaction, label: Label | None) -> dict[str, Any]:
    """The same, with the label that counts."""
    return {**kept(payment), "label": None if label is None else said(label)}
