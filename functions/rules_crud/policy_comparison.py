"""The route that compares a version in shadow with the decisions in force."""

from typing import Any

from flask import Response, jsonify
from pydantic import BaseModel, Field

from functions.rules_crud.policies import PATH, TAG, live_version
from functions.rules_crud.policy_documents import PolicyPath
from risksentinel.domain.policy_version import PolicyState
from risksentinel.domain.shadowed import Comparison, Outcome, ShadowExample
from risksentinel.domain.verdict import Decision
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.response_model import Moment
from risksentinel.ports.policies import PolicyRecords
from risksentinel.ports.shadow import ShadowRecords
from risksentinel.text import rfc3339


class ShadowOutcome(BaseModel):
    """A decision with its score, and whether it raises an alert."""

    decision: Decision
    score: float = Field(ge=0, le=1)
    alert: bool


class ComparedOutcomes(BaseModel):
    """The number and the rand of payments with these decisions and alerts."""

    live_decision: Decision
    live_alert: bool
    decision: Decision
    alert: bool
    payments: int
    amount_zar: str


class ComparedPayment(BaseModel):
    """A payment that the two versions decide differently."""

    transaction_id: str
    amount_zar: str
    live: ShadowOutcome
    shadow: ShadowOutcome
    reasons: list[str] = Field(description="Of the version in shadow")
    scored_at: Moment
    fraud: bool | None = Field(description="By the effective label; null without one")


class PolicyComparison(BaseModel):
    """A version in shadow beside the decisions in force, on the same payments.

    `caught` and `missed` are payments labelled as fraud that only the version in shadow, or only
    the version in force, raises an alert for; `hit` and `spared` the same for genuine ones.
    """

    number: int
    state: PolicyState
    promotable: bool = Field(
        description="Whether it is based on the live version; otherwise it must be rebased"
    )
    since: Moment | None = Field(description="The first payment; null without payments")
    until: Moment | None = Field(description="The last payment")
    payments: int
    agreements: int = Field(description="Payments with the same decision and the same alert")
    live_alerts_per_day: float
    alerts_per_day: float
    caught: int
    missed: int
    hit: int
    spared: int
    complete: bool = Field(description="Whether every labelled payment that differs was read")
    outcomes: list[ComparedOutcomes]
    examples: list[ComparedPayment] = Field(description="The newest that differ, 20 at most")


def routes(records: PolicyRecords, shadows: ShadowRecords) -> DescribedRoutes:
    """The route of the comparison."""
    api = DescribedRoutes("policy_comparison", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get(
        "/<int:number>/comparison",
        summary="Compare a version in shadow with the live one",
        description="What it decided beside the live version, since it was last put in shadow.",
        responses={200: PolicyComparison, 404: ProblemDocument},
    )
    def compared(path: PolicyPath) -> Response:
        version, live = records.policy(path.number), live_version(records)
        return jsonify(
            {
                "number": version.number,
                "state": version.state.value,
                "promotable": version.state in {PolicyState.DRAFT, PolicyState.SHADOW}
                and version.based_on == live.number,
                **_figures(shadows.comparison(path.number)),
            }
        )

    return api


def _figures(found: Comparison) -> dict[str, Any]:
    return {
        "since": None if found.since is None else rfc3339.to_text(found.since),
        "until": None if found.until is None else rfc3339.to_text(found.until),
        "payments": found.payments,
        "agreements": found.agreements,
        "live_alerts_per_day": round(found.live_alerts / found.days, 2),
        "alerts_per_day": round(found.alerts / found.days, 2),
        "caught": found.caught,
        "missed": found.missed,
        "hit": found.hit,
        "spared": found.spared,
        "complete": found.complete,
        "outcomes": [
            {
                "live_decision": each.live_decision.value,
                "live_alert": each.live_alert,
                "decision": each.decision.value,
                "alert": each.alert,
                "payments": each.payments,
                "amount_zar": f"{each.amount:.2f}",
            }
            for each in found.counts
        ],
        "examples": [_example(each) for each in found.examples],
    }


def _example(each: ShadowExample) -> dict[str, Any]:
    return {
        "transaction_id": each.transaction_id,
        "amount_zar": f"{each.amount:.2f}",
        "live": _outcome(each.live),
        "shadow": _outcome(each.shadow),
        "reasons": list(each.reasons),
        "scored_at": rfc3339.to_text(each.scored_at),
        "fraud": each.fraud,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "decision": outcome.decision.value,
        "score": float(outcome.score),
        "alert": outcome.alert,
    }
