"""rules-crud, wired: /api/v1/rules and /api/v1/lists."""

import functions_framework
from flask import Request, Response

from functions.rules_crud import list_entries, list_files, lists, rule_lists, rules
from risksentinel.assembly.backbone import Backbone
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.runtime.function_app import FunctionApp, function_app

NAME = "rules-crud"


def build(backbone: Backbone) -> FunctionApp:
    """The function's app."""
    app = function_app(NAME, needed=backbone.needed)
    app.register_api(rule_lists.routes(backbone.rule_records))
    app.register_api(rules.routes(backbone.write_rule))
    named, write = backbone.list_records, backbone.write_list
    app.register_api(lists.routes(named, write))
    app.register_api(list_entries.routes(named, write, backbone.clock))
    app.register_api(list_files.routes(named, write))
    return app


_serve = on_first_request(NAME, build)


@functions_framework.http
def rules_crud(request: Request) -> Response:
    """Serve one request of functions-framework."""
    return _serve(request)
