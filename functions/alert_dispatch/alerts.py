"""The routes of alerts: the list, one alert, and its changes by analysts."""

from typing import Final

from flask import Response
from flask_openapi3.models.tag import Tag

from functions.alert_dispatch.alert_change import AlertChangeBody, Assignee
from functions.alert_dispatch.alert_responses import (
    AlertDetailResponse,
    AlertPage,
    AlertResponse,
    in_detail,
)
from risksentinel.domain.alert import Alert, AlertStatus
from risksentinel.domain.verdict import RiskLevel
from risksentinel.http.access import caller
from risksentinel.http.cursor_pages import PageQuery, page_response
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.parameters import Parameters
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ChangeHeaders, versioned
from risksentinel.payment_formats.payment_document import Identifier
from risksentinel.ports.alert_records import AlertFilter, AlertRecords
from risksentinel.ports.alerting import AlertDeliveries
from risksentinel.usecases.change_alert import ChangeAlert
from risksentinel.usecases.record_read import RecordRead

PATH: Final = "/api/v1/alerts"
TAG: Final = Tag(name="alerts", description="Alerts on risky payments, for analysts")


class AlertQuery(PageQuery):
    """The filters and the page of the list of alerts."""

    severity: RiskLevel | None = None
    status: AlertStatus | None = None
    assignee: Assignee | None = None


class AlertPath(Parameters):
    """The id of an alert."""

    alert_id: Identifier


def routes(
    records: AlertRecords,
    deliveries: AlertDeliveries,
    change_alert: ChangeAlert,
    record_read: RecordRead,
) -> DescribedRoutes:
    """The routes that read and change alerts."""
    api = DescribedRoutes("alerts", __name__, url_prefix=PATH, abp_tags=[TAG])

    def answer(alert: Alert) -> Response:
        return versioned(in_detail(alert, deliveries.of_alert(alert.id)), alert.version)

    @api.get(
        "/",
        summary="List alerts",
        description="Newest first by `raised_at`, in pages.",
        responses={200: AlertPage},
    )
    def listed(query: AlertQuery) -> Response:
        which = AlertFilter(query.severity, query.status, query.assignee)
        return page_response(
            query,
            lambda after, most: records.alerts(which, after, most),
            AlertResponse.serialize,
        )

    @api.get(
        "/<alert_id>",
        summary="Show an alert",
        description="With its deliveries. The version is the ETag.",
        responses={200: AlertDetailResponse, 404: ProblemDocument},
    )
    def one(path: AlertPath) -> Response:
        alert = records.alert(path.alert_id)
        record_read(caller(), "alert", alert.id)
        return answer(alert)

    @api.patch(
        "/<alert_id>",
        summary="Acknowledge, assign, annotate, resolve or reopen an alert",
        responses={
            200: AlertDetailResponse,
            404: ProblemDocument,
            409: ProblemDocument,
            412: ProblemDocument,
            428: ProblemDocument,
        },
    )
    def changed(path: AlertPath, header: ChangeHeaders, body: AlertChangeBody) -> Response:
        return answer(change_alert(path.alert_id, body.change, header.expected, caller().name))

    return api
