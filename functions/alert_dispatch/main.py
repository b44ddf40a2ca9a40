"""alert-dispatch, wired: /api/v1/alerts, /api/v1/reports and alert.raised.v1."""

import functions_framework
from flask import Request, Response

from functions.alert_dispatch import alerts, raised_events, reports
from risksentinel.assembly.backbone import Backbone
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.telemetry.metrics import FunctionMetrics

NAME = "alert-dispatch"


def build(backbone: Backbone) -> FunctionApp:
    """The function's app."""
    app = function_app(NAME, needed=backbone.needed)
    app.register_api(
        alerts.routes(backbone.alert_records, backbone.deliveries, backbone.change_alert)
    )
    app.register_api(reports.routes(backbone.report_records, backbone.change_report))
    metrics = FunctionMetrics(NAME)
    app.register_blueprint(raised_events.routes(backbone.dispatch_alert, metrics))
    return app


_serve = on_first_request(NAME, build)


@functions_framework.http
def alert_dispatch(request: Request) -> Response:
    """Serve one request of functions-framework."""
    return _serve(request)
