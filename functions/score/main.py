"""score, wired: payments that wait, what they turned out to be, and nothing public."""

from functools import partial

import functions_framework
from flask import Request, Response

from functions.score import consumed_events, outbox_sweep
from functions.score.confirmed_events import labels_written
from functions.score.labelled_events import labels_remembered
from functions.score.received_events import payments_scored
from risksentinel.assembly.broker_relay import relay_outbox
from risksentinel.assembly.container import Container
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.events import fraud_confirmed, transaction_labelled, transaction_received
from risksentinel.events.sources import SCORE
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.remember_labels import RememberLabels

NAME = "score"


def build(container: Container) -> FunctionApp:
    """The function's app."""
    metrics = FunctionMetrics(NAME)
    history = container.async_history
    optional = container.optional_to_score(history)
    app = function_app(NAME, required=container.required, optional=optional)
    container.watch_model(metrics)
    handlers = {
        transaction_received.TYPE: partial(
            payments_scored, container.score_transactions(metrics, history)
        ),
        fraud_confirmed.TYPE: partial(labels_written, container.write_label(SCORE)),
        transaction_labelled.TYPE: partial(
            labels_remembered, RememberLabels(container.label_memory)
        ),
    }
    app.register_blueprint(consumed_events.routes(handlers, metrics))
    publisher = container.publisher
    relay = None if publisher is None else relay_outbox(container, publisher, NAME)
    app.register_blueprint(outbox_sweep.routes(relay, metrics))
    return app


_serve = on_first_request(NAME, build)


@functions_framework.http
def score(request: Request) -> Response:
    """Serve one request of functions-framework."""
    return _serve(request)
