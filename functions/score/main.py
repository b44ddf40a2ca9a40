"""score: consumes queued payments and labels; has no public route."""

from functools import partial

import functions_framework
from flask import Request, Response

from functions.score import consumed_events, outbox_sweep
from functions.score.confirmed_events import labels_written
from functions.score.labelled_events import labels_remembered
from functions.score.received_events import payments_scored
from risksentinel.assembly.authentication import authentication_checks, authenticator
from risksentinel.assembly.broker_relay import broker_relay, relay_outbox
from risksentinel.assembly.container import Container
from risksentinel.assembly.database import required_checks
from risksentinel.assembly.event_senders import event_senders
from risksentinel.assembly.history import async_history
from risksentinel.assembly.label_changes import write_label
from risksentinel.assembly.label_records import label_records
from risksentinel.assembly.ledger_log import chain_entries
from risksentinel.assembly.model import watch_model
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.assembly.rate_limit import rate_limit
from risksentinel.assembly.scoring import score_transactions, scoring_checks
from risksentinel.events import fraud_confirmed, transaction_labelled, transaction_received
from risksentinel.events.sources import SCORE
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.http.rate_limits import limit_rates
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.remember_labels import RememberLabels

NAME = "score"


def build(container: Container) -> FunctionApp:
    """Build the app of the function."""
    metrics = FunctionMetrics(NAME)
    history = async_history(container)
    app = function_app(
        NAME,
        required=required_checks(container),
        optional={**scoring_checks(container, history), **authentication_checks(container)},
        authenticate=authenticator(container),
        event_senders=event_senders(container),
    )
    watch_model(container, metrics)
    handlers = {
        transaction_received.TYPE: partial(
            payments_scored, score_transactions(container, metrics, history)
        ),
        fraud_confirmed.TYPE: partial(labels_written, write_label(container, SCORE)),
        transaction_labelled.TYPE: partial(
            labels_remembered, RememberLabels(label_records(container), history)
        ),
    }
    app.register_blueprint(consumed_events.routes(handlers, metrics))
    app.register_blueprint(
        outbox_sweep.routes(relay_outbox(container, NAME), chain_entries(container), metrics)
    )
    limit_rates(app, rate_limit(container))
    return app


_serve = on_first_request(NAME, build, broker_relay)


@functions_framework.http
def score(request: Request) -> Response:
    """Serve one request from functions-framework."""
    return _serve(request)
