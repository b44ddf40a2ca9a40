"""The body and the responses of the dry run of a rule."""

from typing import Annotated, Any, Literal

from pydantic import AliasPath, BaseModel, ConfigDict, Field, RootModel, WrapValidator

from functions.rules_crud.rule_documents import RuleBody
from risksentinel.domain.rule_trial import (
    MAX_EXAMPLES,
    MAX_PAYMENTS,
    RuleSteps,
    RuleTrial,
    TrialExample,
)
from risksentinel.domain.transaction import Channel, Rail
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.http.problem_document import ViolationDocument
from risksentinel.http.response_model import Moment, Rand, ResponseModel
from risksentinel.payment_formats.payment_document import Identifier
from risksentinel.payment_formats.payment_document import Moment as MomentIn

Result = Literal["true", "false", "unknown"]


def _as_sent(raw: Any, _: object) -> Any:  # noqa: ANN401 - any JSON
    """The rule as it was sent: parse_rule validates it, as for POST /api/v1/rules."""
    return raw


class TrialBody(BaseModel):
    """A rule that is not stored, and the payments to try it on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: Annotated[RuleBody, WrapValidator(_as_sent)] = Field(
        description="As POST /api/v1/rules takes it; `active` does not matter"
    )
    since: MomentIn | None = Field(None, description="The earliest occurred_at, included")
    until: MomentIn | None = Field(None, description="The latest occurred_at, excluded")
    limit_payments: Annotated[int, Field(strict=True, ge=1, le=MAX_PAYMENTS)] = Field(
        MAX_PAYMENTS, description="How many payments of the span are looked at, the newest first"
    )
    transaction_id: Identifier | None = Field(
        None, description="Only this payment, step by step; the span does not matter then"
    )

    @property
    def document(self) -> object:
        """The rule, which is any JSON yet."""
        return self.rule


def _payment(name: str) -> Any:  # noqa: ANN401 - as pydantic's Field
    """A field that reads an attribute of the payment."""
    return Field(validation_alias=AliasPath("transaction", name))


class TrialExampleResponse(ResponseModel):
    """A payment on which the rule fires, with the decision in force."""

    transaction_id: str = _payment("id")
    occurred_at: Moment = _payment("occurred_at")
    sender_id: str = _payment("sender_id")
    receiver_id: str = _payment("receiver_id")
    amount_zar: Rand = _payment("amount")
    channel: Channel = _payment("channel")
    rail: Rail | None = _payment("rail")
    decision: Decision
    risk_level: RiskLevel = Field(validation_alias="level")
    alert: bool = Field(description="Whether an alert was raised for it")
    fraud: bool | None = Field(description="By the effective label; null without one")


class RuleTrialResponse(ResponseModel):
    """What a rule would have fired on."""

    payments: int = Field(description="The payments that were looked at")
    first: Moment | None = Field(description="The date of the oldest of them; null without any")
    last: Moment | None = Field(description="The date of the newest of them")
    complete: bool = Field(
        description="False if the time was over before all payments were looked at: the figures "
        "are those of the newest ones, down to `looked_down_to`"
    )
    looked_down_to: str | None = Field(
        description="The oldest payment that was looked at, if `complete` is false; null if none"
    )
    fired: int
    share: float | None = Field(description="Of the payments; null without payments")
    amount_zar: Rand = Field(validation_alias="amount", description="Of those it fires on")
    unknown: int = Field(
        description="Payments on which the result is unknown, as a value is unknown; the rule does "
        "not fire on them"
    )
    without_facts: int = Field(
        description="Payments whose facts are not known any more: receipts of an earlier release"
    )
    labelled_fraud: int = Field(validation_alias="fraud", description="Of those it fires on")
    labelled_genuine: int = Field(validation_alias="genuine", description="Of those it fires on")
    precision: float | None = Field(
        description="Frauds among the labelled payments that it fires on; null without labels"
    )
    genuine_customers: int = Field(
        description="Senders of the payments labelled genuine that it fires on"
    )
    new_alerts_per_day: float = Field(
        description="Payments a day that it fires on and that raised no alert: the alerts that it "
        "adds if its action or its weight lifts each of them to the threshold"
    )
    examples: list[TrialExampleResponse] = Field(
        description=f"The newest that it fires on, {MAX_EXAMPLES} at most"
    )
    warnings: list[ViolationDocument] = Field(description="As POST /api/v1/rules lists them")


class ComparisonStep(BaseModel):
    """One comparison with its result."""

    model_config = ConfigDict(extra="allow")

    field: str
    operator: str
    value: Any = Field(description="The value of the rule")
    seen: str | float | bool | None = Field(description="The value of the payment; null: unknown")
    result: Result


class AllStep(BaseModel):
    """All conditions hold."""

    all: list["Step"]
    result: Result


class AnyStep(BaseModel):
    """At least one of the conditions holds."""

    any: list["Step"]
    result: Result


class NotStep(BaseModel):
    """The condition does not hold."""

    negated: "Step" = Field(alias="not")
    result: Result


class Step(RootModel[ComparisonStep | AllStep | AnyStep | NotStep]):
    """A part of the condition with its result."""


class SteppedResponse(BaseModel):
    """One payment with the result of each part of the rule's condition."""

    transaction_id: str
    fires: bool
    result: Result = Field(description="The rule fires only if this is true")
    decision: Decision = Field(description="The decision in force")
    risk_level: RiskLevel
    steps: Step
    warnings: list[ViolationDocument]


class TrialResponse(RootModel[RuleTrialResponse | SteppedResponse]):
    """The figures, or the steps for one payment."""


def shown_trial(trial: RuleTrial) -> dict[str, Any]:
    """The members of RuleTrialResponse, without warnings."""
    return {
        "payments": trial.payments,
        "first": trial.first,
        "last": trial.last,
        "complete": trial.complete,
        "looked_down_to": trial.looked_down_to,
        "fired": trial.fired,
        "share": _rounded(trial.share, 6),
        "amount_zar": f"{trial.amount:.2f}",
        "unknown": trial.unknown,
        "without_facts": trial.without_facts,
        "labelled_fraud": trial.fraud,
        "labelled_genuine": trial.genuine,
        "precision": _rounded(trial.precision, 4),
        "genuine_customers": len(trial.customers),
        "new_alerts_per_day": round(trial.new_alerts_per_day, 2),
        "examples": [_example(each) for each in trial.examples],
    }


def shown_steps(found: RuleSteps) -> dict[str, Any]:
    """The members of SteppedResponse, without warnings."""
    return {
        "transaction_id": found.transaction_id,
        "fires": found.fires,
        "result": found.result,
        "decision": found.decision.value,
        "risk_level": found.level.value,
        "steps": found.steps,
    }


def _example(example: TrialExample) -> dict[str, Any]:
    return TrialExampleResponse.serialize(example)


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
