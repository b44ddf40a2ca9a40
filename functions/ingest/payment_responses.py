"""The responses of the routes that show payments."""

from typing import Annotated, Any, Literal

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field

from functions.ingest.label_responses import LabelResponse
from risksentinel.domain.label import Label
from risksentinel.domain.payer_reasons import payer_reasons
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.domain.transaction import Channel, Rail, TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.http.response_model import Day, Moment, Rand, ResponseModel, Score
from risksentinel.ports.transaction_records import StoredTransaction


def _transaction(name: str) -> Any:  # noqa: ANN401  # as pydantic's Field
    """A field that reads an attribute of the stored transaction."""
    return Field(validation_alias=AliasPath("transaction", name))


class TransactionResponse(ResponseModel):
    """A stored payment; the fields of the score are null until the payment is scored."""

    id: str = _transaction("id")
    sender_id: str = _transaction("sender_id")
    receiver_id: str = _transaction("receiver_id")
    amount_zar: Rand = _transaction("amount")
    channel: Channel = _transaction("channel")
    rail: Rail | None = _transaction("rail")
    merchant_category: str | None = _transaction("merchant_category")
    receiver_country: str | None = _transaction("receiver_country")
    device_id: str | None = _transaction("device_id")
    sim_swapped_at: Moment | None = _transaction("sim_swapped_at")
    beneficiary_added_at: Moment | None = _transaction("beneficiary_added_at")
    occurred_at: Moment = _transaction("occurred_at")
    received_at: Moment
    status: TransactionStatus
    score: Score | None
    risk_level: RiskLevel | None
    decision: Decision | None
    reasons: Annotated[list[str], BeforeValidator(payer_reasons)] = Field(
        description="In words, the largest contribution first; reasons for analysts only, which "
        "name reports, are in the receipt"
    )
    alert_id: str | None = Field(description="The alert that the payment raised, if any")
    scored_at: Moment | None


class LabelledTransactionResponse(TransactionResponse):
    """A stored payment with its effective label."""

    label: LabelResponse | None = Field(
        description="The effective label; null if none was reported or it was withdrawn"
    )


class TransactionPage(ResponseModel):
    """One page of payments."""

    items: list[TransactionResponse]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last")


class SignalResponse(BaseModel):
    """The result of one signal."""

    status: str = Field(
        description="ok; silent: the sources gave nothing to compute a risk from; late: a source "
        "did not answer in time; missing: it could not be asked, or failed",
        examples=["ok"],
    )
    score: float | None = Field(description="0 to 1; null unless the status is ok")
    weight: float = Field(
        description="Share of the composite, 0 to 1; that of a silent signal goes to the others"
    )
    contribution: float = Field(description="Weight times score, to four decimals")
    reason: str
    details: dict[str, Any] = Field(description="The values that the score was computed from")


class EscalationResponse(BaseModel):
    """A floor below which the score does not stay."""

    name: str = Field(description="The name of the escalation", examples=["velocity_exceeded"])
    floor: float = Field(description="The minimum score that the escalation sets")
    lift: float = Field(description="The amount that the escalation added to the score")
    because: str | None = Field(
        description="The rule that set the floor as id@version; null for other escalations"
    )
    reason: str = Field(description="In words, for analysts")


class ReceiptReportResponse(BaseModel):
    """A statutory report that the payment requires."""

    kind: ReportKind
    section: str = Field(examples=["FIC Act, section 28"])
    threshold_zar: Rand
    due_on: Day = Field(description="The last day to file the report")
    reason: str


class ChangeResponse(BaseModel):
    """One change of a payment, with everything else as it was, and the decision it would have."""

    of: Literal["amount_zar", "beneficiary_days", "device_days", "local_time"]
    to: str | int = Field(description="The amount, the days since the first payment, or the time")
    decision: Decision
    score: float
    in_words: str = Field(examples=["with an amount of R4,000.00"])


class ExplanationResponse(BaseModel):
    """The receipt of a score; the score can be computed again from the receipt alone."""

    model_config = ConfigDict(extra="allow")  # receipts stay as they were stored

    transaction_id: str
    score: float = Field(description="The composite plus the lifts of the escalations")
    risk_level: RiskLevel = Field(
        description="By the score: low, medium from RISK_SCORE_MEDIUM, high from RISK_SCORE_HIGH, "
        "critical from RISK_SCORE_CRITICAL"
    )
    decision: Decision
    approved_by: str | None = Field(
        None, description="The rule with the action approve that decided, as id@version"
    )
    reasons: list[str]
    input: dict[str, Any] = Field(description="The payment as it was scored")
    signals: dict[str, SignalResponse] = Field(description="rules, velocity, anomaly and ml")
    composite: float | None = Field(
        None, description="The sum of the contributions; not in receipts of earlier releases"
    )
    escalations: list[EscalationResponse] = Field(
        default_factory=list,
        description="The escalations that raised the score, the lowest floor first",
    )
    thresholds: dict[str, float] = Field(
        description="medium, high, critical and alert at the time of scoring"
    )
    late: bool = Field(
        default=False,
        description="Whether the payment arrived later after its time than MAX_LATENESS_SECONDS",
    )
    decided_without: list[str] = Field(
        default_factory=list,
        description="The sources that were late or missing: history, rules, lists, model; see "
        "GET /api/v1/revisions",
    )
    model: dict[str, Any] | None = Field(
        description="The model that contributed; null without a model"
    )
    learn_only: bool = Field(
        default=False,
        description="Whether the payment is imported history: no alert, no event, no report due",
    )
    reports: list[ReceiptReportResponse] = Field(
        [], description="Absent from receipts of releases without statutory reports"
    )
    basis: str | None = Field(
        None,
        description="The digest of what decided: the policy, the code, and every rule in force by "
        "id@version. Absent from receipts of earlier releases, like `inputs`",
    )
    inputs: dict[str, Any] | None = Field(
        None,
        description="What the score read of the history and of the lists: see docs/decisions.md",
    )
    counterfactual: list[ChangeResponse] | None = Field(
        None,
        description="With explain=counterfactual: the least change of each kind with which the "
        "decision would be milder, each one scored; null if none was found",
    )
    counterfactual_reason: str | None = Field(
        None, description="With explain=counterfactual: why there is none, the same for all"
    )
    scored_at: Moment


def labelled(payment: StoredTransaction, label: Label | None) -> dict[str, Any]:
    """The members of LabelledTransactionResponse."""
    effective = None if label is None else LabelResponse.serialize(label)
    return {**TransactionResponse.serialize(payment), "label": effective}
