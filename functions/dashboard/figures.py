"""The figures of all payments together."""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from functions.dashboard.answers import SummaryAnswer, TrendAnswer, hour, summed_up
from risksentinel.ports.dashboard_records import DashboardRecords
from risksentinel.ports.surroundings import Clock

PATH: Final = "/api/v1/dashboard"
TAG: Final = Tag(name="dashboard", description="Figures for people")


def routes(records: DashboardRecords, clock: Clock) -> APIBlueprint:
    """The routes that figures are read by."""
    api = APIBlueprint("figures", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get("/summary", summary="The last 24 hours in figures", responses={200: SummaryAnswer})
    def summary() -> Response:
        return jsonify(summed_up(records.summary(clock())))

    @api.get("/risk-trend", summary="The mean score, hour by hour", responses={200: TrendAnswer})
    def risk_trend() -> Response:
        return jsonify({"hours": [hour(each) for each in records.risk_trend(clock())]})

    return api
