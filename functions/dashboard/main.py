"""dashboard, wired: the figures, the API's documentation, and the health of the whole."""

from importlib.metadata import version

import functions_framework
from flask import Request, Response

from functions.dashboard import documentation, figures
from risksentinel.assembly.container import Container
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.http.health import health_routes

NAME = "dashboard"
PUBLIC_HEALTH = "/api/v1/health"  # /health again, as a gateway lets it through


def build(container: Container) -> FunctionApp:
    """The function's app."""
    app = function_app(NAME, required=container.required, optional=container.optional)
    app.register_api(figures.routes(container.dashboard_records, container.clock))
    app.register_api(
        health_routes(NAME, version("risksentinel"), container.required, container.optional),
        url_prefix=PUBLIC_HEALTH,
        name="public_health",
    )
    app.register_blueprint(documentation.routes())
    return app


_serve = on_first_request(NAME, build, announces=False)


@functions_framework.http
def dashboard(request: Request) -> Response:
    """Serve one request of functions-framework."""
    return _serve(request)
