"""The routes of the performance of rules: of one rule by week, and of all rules at once."""

from flask import Response, jsonify
from pydantic import ConfigDict, Field

from functions.rules_crud.performance_responses import (
    RulePerformanceResponse,
    RulesPerformanceResponse,
    listed,
    shown,
)
from functions.rules_crud.rules import TAG, RulePath
from functions.rules_crud.written_rules import PATH
from risksentinel.domain.rule_watch import MAX_DAYS, USUAL_DAYS, Window
from risksentinel.http.cursor_pages import WholeNumber
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.parameters import Parameters
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.ports.environment import Clock
from risksentinel.ports.rule_watch import RuleWatch
from risksentinel.usecases.measure_rules import measure_rules


class PerformanceQuery(Parameters):
    """The days that the figures cover. Unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    days: WholeNumber = Field(
        USUAL_DAYS,
        ge=1,
        le=MAX_DAYS,
        description="The number of days in South Africa, including today",
    )


def routes(watch: RuleWatch, clock: Clock) -> DescribedRoutes:
    """The routes that read the performance of rules."""
    api = DescribedRoutes("rule_performance", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get(
        "/performance",
        summary="Show the performance of all rules",
        description="Precision and alert rate of each rule over the last days, the silent rules, "
        "and those that fire only with others. A payment counts on the day on which it occurred.",
        responses={200: RulesPerformanceResponse},
    )
    def of_all(query: PerformanceQuery) -> Response:
        watched = watch.watched(Window.of(clock(), query.days))
        return jsonify(listed(measure_rules(watched), watched))

    @api.get(
        "/<rule_id>/performance",
        summary="Show the performance of a rule",
        description="Precision and alert rate of the rule over the last days and in each week, "
        "over all its versions. A payment counts on the day on which it occurred.",
        responses={200: RulePerformanceResponse, 404: ProblemDocument},
    )
    def of_one(path: RulePath, query: PerformanceQuery) -> Response:
        watched = watch.watched(Window.of(clock(), query.days), path.rule_id)
        return jsonify(shown(measure_rules(watched)[path.rule_id], watched))

    return api
