"""rules-crud, wired: /api/v1/rules."""

import functions_framework
from flask import Request, Response

from functions.rules_crud import rule_lists, rules
from risksentinel.assembly.backbone import Backbone
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.errors import Fault
from risksentinel.rules.rule import Rule
from risksentinel.rules.warnings import Alerting, warnings_of
from risksentinel.runtime.function_app import FunctionApp, function_app
from risksentinel.scoring.alone import score_alone
from risksentinel.scoring.policy import Policy

NAME = "rules-crud"


def build(backbone: Backbone) -> FunctionApp:
    """The function's app."""
    app = function_app(NAME, needed=backbone.needed)
    app.register_api(rule_lists.routes(backbone.rule_records))
    policy = backbone.settings.policy
    app.register_api(rules.routes(backbone.write_rule, lambda rule: _warnings(rule, policy)))
    return app


def _warnings(rule: Rule, policy: Policy) -> tuple[Fault, ...]:
    """What to change in the rule, by this installation's settings."""
    return warnings_of(rule, Alerting(score_alone(rule, policy), policy.alert_threshold))


_serve = on_first_request(NAME, build)


@functions_framework.http
def rules_crud(request: Request) -> Response:
    """Serve one request of functions-framework."""
    return _serve(request)
