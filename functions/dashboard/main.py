"""dashboard: serves the figures, the API documentation and the public health route."""

from importlib.metadata import version

import functions_framework
from flask import Request, Response

from functions.dashboard import documentation, figures, ledger, session, sign_in
from risksentinel.adapters.sql.dashboard_records import SqlDashboardRecords
from risksentinel.adapters.sql.ledger_records import SqlLedgerRecords
from risksentinel.assembly.authentication import authentication_checks, authenticator
from risksentinel.assembly.container import Container
from risksentinel.assembly.database import required_checks
from risksentinel.assembly.ledger_lag import ledger_checks
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.assembly.rate_limit import rate_limit
from risksentinel.assembly.rules import rule_checks
from risksentinel.assembly.sign_in import sign_in_parts
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.http.health import health_routes
from risksentinel.http.rate_limits import limit_rates

NAME = "dashboard"
PUBLIC_HEALTH = "/api/v1/health"  # /health, under a path that the gateway routes


def build(container: Container) -> FunctionApp:
    """Build the app of the function."""
    required = required_checks(container)
    optional = {
        **rule_checks(container),
        **ledger_checks(container),
        **authentication_checks(container),
    }
    app = function_app(
        NAME, required=required, optional=optional, authenticate=authenticator(container)
    )
    app.register_api(figures.routes(SqlDashboardRecords(container.engine), container.clock))
    app.register_api(ledger.routes(SqlLedgerRecords(container.engine)))
    app.register_api(
        health_routes(NAME, version("risksentinel"), required, optional),
        url_prefix=PUBLIC_HEALTH,
        name="public_health",
    )
    parts = sign_in_parts(container)
    app.register_api(session.routes(parts.sessions))
    app.register_blueprint(sign_in.routes(parts))
    app.register_blueprint(documentation.routes())
    limit_rates(app, rate_limit(container))
    return app


_serve = on_first_request(NAME, build)


@functions_framework.http
def dashboard(request: Request) -> Response:
    """Serve one request from functions-framework."""
    return _serve(request)
