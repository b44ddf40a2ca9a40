"""The responses of the routes of the performance of rules."""

from collections.abc import Mapping
from typing import Any

from pydantic import AliasPath, Field

from risksentinel.domain.rule_performance import RulePerformance
from risksentinel.domain.rule_watch import WatchedRules
from risksentinel.http.response_model import Day, Moment, Rand, ResponseModel


class PrecisionResponse(ResponseModel):
    """A share with its Wilson interval of 95 %."""

    value: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)


class RuleFiguresResponse(ResponseModel):
    """How often the rule fired, and how often it was right; null is unknown."""

    since: Moment = Field(validation_alias=AliasPath("window", "since"))
    until: Moment = Field(
        validation_alias=AliasPath("window", "until"), description="The end, which is excluded"
    )
    payments: int = Field(ge=0, description="Payments that were decided and counted")
    fired: int = Field(ge=0, description="Payments on which the rule fired")
    fired_share: float | None = Field(ge=0, le=1, description="Null without payments")
    alerted: int = Field(ge=0, description="Payments on which the rule fired, with an alert")
    alert_rate: float | None = Field(
        ge=0, le=1, description="The share of all payments that are `alerted`"
    )
    alone: int = Field(ge=0, description="Payments on which only this rule fired")
    labelled_fraud: int = Field(
        ge=0, validation_alias="fraud", description="Of the fired, by the effective label"
    )
    labelled_genuine: int = Field(ge=0, validation_alias="genuine")
    precision: PrecisionResponse | None = Field(
        description="The share of fraud among the labelled payments; null where none is labelled"
    )
    fraud_caught_zar: Rand = Field(
        validation_alias="caught",
        description="Rand of the labelled fraud on which the rule fired and that was not approved",
    )


class FiredWithResponse(ResponseModel):
    """Another rule, and the payments on which both fired."""

    id: str
    name: str
    payments: int = Field(ge=1)


class RulePerformanceItem(ResponseModel):
    """The performance of one rule over the whole window."""

    id: str = Field(validation_alias=AliasPath("rule", "id"))
    name: str = Field(validation_alias=AliasPath("rule", "name"))
    active: bool = Field(validation_alias=AliasPath("rule", "active"))
    created_at: Moment = Field(validation_alias=AliasPath("rule", "created_at"))
    total: RuleFiguresResponse
    silent: bool | None = Field(
        description="Whether the rule is active and fired on no payment; null where no payment was "
        "decided, or some were not counted"
    )
    silent_since: Day | None = Field(
        description="For a silent rule, the day after it last fired, in South Africa; null where "
        "it fired on no counted payment of the year before the window"
    )
    only_with_others: bool | None = Field(
        description="Whether the rule fired, and never alone; null where it did not fire, or some "
        "payments were not counted"
    )
    fired_with: list[FiredWithResponse] = Field(
        description="The rules that fired on the same payments, most payments first; 10 at most"
    )
    older_precision: PrecisionResponse | None = Field(
        description="Of the older half of the window; null where nothing is labelled"
    )
    newer_precision: PrecisionResponse | None = Field(description="Of the newer half")
    drifted: bool | None = Field(
        description="Whether the intervals of both halves do not overlap; null where one is null"
    )


class RulePerformanceResponse(RulePerformanceItem):
    """The performance of one rule, over the window and in each of its weeks."""

    weeks: list[RuleFiguresResponse] = Field(
        description="Oldest first, counted from today; the oldest may have fewer days"
    )
    complete: bool = Field(
        description="Whether every decided payment was counted. Payments that were decided before "
        "the release with these figures are not"
    )
    labels_complete: bool = Field(
        description="Whether every labelled payment was read; otherwise the newest 5,000 were"
    )


class RulesPerformanceResponse(ResponseModel):
    """The performance of all active rules, and of the others that fired in the window."""

    since: Moment
    until: Moment = Field(description="The end of today in South Africa, which is excluded")
    payments: int = Field(ge=0, description="Payments that were decided and counted")
    complete: bool = Field(description="Whether every decided payment was counted")
    labels_complete: bool = Field(description="Whether every labelled payment was read")
    items: list[RulePerformanceItem] = Field(
        description="The rule that fired on most payments first, silent ones last"
    )


def shown(one: RulePerformance, watched: WatchedRules) -> dict[str, Any]:
    """The members of RulePerformanceResponse."""
    weeks = [RuleFiguresResponse.serialize(week) for week in one.weeks]
    return {**RulePerformanceItem.serialize(one), "weeks": weeks, **_whole(watched)}


def listed(found: Mapping[str, RulePerformance], watched: WatchedRules) -> dict[str, Any]:
    """The members of RulesPerformanceResponse."""
    return {
        "since": watched.window.since,
        "until": watched.window.until,
        "payments": watched.payments,
        **_whole(watched),
        "items": [RulePerformanceItem.serialize(one) for one in found.values()],
    }


def _whole(watched: WatchedRules) -> dict[str, bool]:
    return {"complete": watched.complete, "labels_complete": watched.labels_complete}
