"""alert-dispatch: serves /api/v1/alerts and /api/v1/reports, and consumes alert.raised.v1."""

import functions_framework
from flask import Request, Response

from functions.alert_dispatch import alerts, raised_events, reports
from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.deliveries import SqlDeliveries
from risksentinel.adapters.sql.report_records import SqlReportRecords
from risksentinel.assembly.account_reads import record_read
from risksentinel.assembly.alert_changes import change_alert, change_report
from risksentinel.assembly.alerting import dispatch_alert
from risksentinel.assembly.authentication import authentication_checks, authenticator
from risksentinel.assembly.broker_relay import broker_relay
from risksentinel.assembly.container import Container
from risksentinel.assembly.database import required_checks
from risksentinel.assembly.event_senders import event_senders
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.assembly.rate_limit import rate_limit
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.http.rate_limits import limit_rates
from risksentinel.telemetry.metrics import FunctionMetrics

NAME = "alert-dispatch"


def build(container: Container) -> FunctionApp:
    """Build the app of the function."""
    app = function_app(
        NAME,
        required=required_checks(container),
        optional=authentication_checks(container),
        authenticate=authenticator(container),
        event_senders=event_senders(container),
    )
    engine = container.engine
    reads = record_read(container)
    app.register_api(
        alerts.routes(
            SqlAlertRecords(engine), SqlDeliveries(engine), change_alert(container), reads
        )
    )
    app.register_api(reports.routes(SqlReportRecords(engine), change_report(container), reads))
    metrics = FunctionMetrics(NAME)
    app.register_blueprint(raised_events.routes(dispatch_alert(container), metrics))
    limit_rates(app, rate_limit(container))
    return app


_serve = on_first_request(NAME, build, broker_relay)


@functions_framework.http
def alert_dispatch(request: Request) -> Response:
    """Serve one request from functions-framework."""
    return _serve(request)
