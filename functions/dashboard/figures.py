"""The routes of figures over all payments."""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.models.tag import Tag
from pydantic import ConfigDict, Field

from functions.dashboard.figures_responses import HourResponse, SummaryResponse, TrendResponse
from risksentinel.http.cursor_pages import WholeNumber
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.parameters import Parameters
from risksentinel.ports.dashboard_records import DashboardRecords
from risksentinel.ports.environment import Clock

MAX_DAYS: Final = 31
PATH: Final = "/api/v1/dashboard"
TAG: Final = Tag(name="dashboard", description="Figures over all payments")


class FiguresQuery(Parameters):
    """The days that the figures cover. Unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    days: WholeNumber = Field(
        1,
        ge=1,
        le=MAX_DAYS,
        description="The number of days; a day is 24 hours, including the current hour",
    )


def routes(records: DashboardRecords, clock: Clock) -> DescribedRoutes:
    """The routes that read figures."""
    api = DescribedRoutes("figures", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get(
        "/summary",
        summary="The figures of the last 24 hours, or of the last days",
        description="The sums over the hours of `risk-trend`. A payment counts in the hour in "
        "which it occurred, an alert in the hour in which it was raised.",
        responses={200: SummaryResponse},
    )
    def summary(query: FiguresQuery) -> Response:
        return jsonify(SummaryResponse.serialize(records.summary(clock(), query.days)))

    @api.get(
        "/risk-trend",
        summary="The mean score of each hour",
        description="A payment counts in the hour in which it occurred, an alert in the hour in "
        "which it was raised.",
        responses={200: TrendResponse},
    )
    def risk_trend(query: FiguresQuery) -> Response:
        hours = records.risk_trend(clock(), query.days)
        return jsonify({"hours": [HourResponse.serialize(hour) for hour in hours]})

    return api
