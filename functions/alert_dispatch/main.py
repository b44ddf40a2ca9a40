"""alert-dispatch, wired: /api/v1/alerts, /api/v1/reports and alert.raised.v1."""

import functions_framework
from flask import Request, Response

from functions.alert_dispatch import alerts, raised_events, reports
from risksentinel.assembly.container import Container
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.telemetry.metrics import FunctionMetrics

NAME = "alert-dispatch"


def build(container: Container) -> FunctionApp:
    """The function's app."""
    app = function_app(NAME, required=container.required)
    app.register_api(
        alerts.routes(container.alert_records, container.deliveries, container.change_alert)
    )
    app.register_api(reports.routes(container.report_records, container.change_report))
    metrics = FunctionMetrics(NAME)
    app.register_blueprint(raised_events.routes(container.dispatch_alert, metrics))
    return app


_serve = on_first_request(NAME, build)


@functions_framework.http
def alert_dispatch(request: Request) -> Response:
    """Serve one request of functions-framework."""
    return _serve(request)
