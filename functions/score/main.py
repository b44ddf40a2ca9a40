"""score, wired: transaction.received.v1 and nothing public."""

import functions_framework
from flask import Request, Response

from functions.score import outbox_sweep, received_events
from risksentinel.assembly.backbone import Backbone
from risksentinel.assembly.broker_relay import relay_outbox
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.runtime.function_app import FunctionApp, function_app
from risksentinel.runtime.metrics import FunctionMetrics

NAME = "score"


def build(backbone: Backbone) -> FunctionApp:
    """The function's app."""
    metrics = FunctionMetrics(NAME)
    history = backbone.patient_history
    helpful = backbone.helpful_to_score(history)
    app = function_app(NAME, needed=backbone.needed, helpful=helpful)
    score_transactions = backbone.score_transactions(metrics, history)
    app.register_blueprint(received_events.routes(score_transactions, metrics))
    publisher = backbone.publisher
    relay = None if publisher is None else relay_outbox(backbone, publisher)
    app.register_blueprint(outbox_sweep.routes(relay, metrics))
    return app


_serve = on_first_request(NAME, build)


@functions_framework.http
def score(request: Request) -> Response:
    """Serve one request of functions-framework."""
    return _serve(request)
