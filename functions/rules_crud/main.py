"""rules-crud, wired: /api/v1/rules."""

import functions_framework
from flask import Request, Response

from functions.rules_crud import rule_lists, rules
from risksentinel.assembly.backbone import Backbone
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.runtime.function_app import FunctionApp, function_app

NAME = "rules-crud"


def build(backbone: Backbone) -> FunctionApp:
    """The function's app."""
    app = function_app(NAME, needed=backbone.needed)
    app.register_api(rule_lists.routes(backbone.rule_records))
    app.register_api(rules.routes(backbone.write_rule))
    return app


_serve = on_first_request(NAME, build)


@functions_framework.http
def rules_crud(request: Request) -> Response:
    """Serve one request of functions-framework."""
    return _serve(request)
