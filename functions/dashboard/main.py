"""dashboard, wired: the figures, the API's documentation, and the health of the whole."""

from importlib.metadata import version

import functions_framework
from flask import Request, Response

from functions.dashboard import documentation, figures
from risksentinel.assembly.backbone import Backbone
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.http.health import health_routes

NAME = "dashboard"
PUBLIC_HEALTH = "/api/v1/health"  # /health again, as a gateway lets it through


def build(backbone: Backbone) -> FunctionApp:
    """The function's app."""
    app = function_app(NAME, needed=backbone.needed, helpful=backbone.helpful)
    app.register_api(figures.routes(backbone.dashboard_records, backbone.clock))
    app.register_api(
        health_routes(NAME, version("risksentinel"), backbone.needed, backbone.helpful),
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
