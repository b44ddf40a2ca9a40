"""ingest, wired: /api/v1/transactions and the events of the payment broker."""

import functions_framework
from flask import Request, Response

from functions.ingest import broker_events, payment_labels, payment_lists, payments
from risksentinel.assembly.container import Container
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.cloudevents.webhook_handshake import handshake
from risksentinel.events.sources import INGEST
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.telemetry.metrics import FunctionMetrics

NAME = "ingest"


def build(container: Container) -> FunctionApp:
    """The function's app."""
    metrics = FunctionMetrics(NAME)
    optional = container.optional_to_score(container.history)
    app = function_app(NAME, required=container.required, optional=optional)
    container.watch_model(metrics)
    submit = container.submit_payments(metrics)
    app.register_api(payments.routes(submit))
    app.register_api(payment_lists.routes(container.transaction_records, container.label_records))
    app.register_api(payment_labels.routes(container.write_label(INGEST)))
    settings = container.settings
    permit = handshake(settings.event_webhook_origins, settings.event_webhook_rate)
    app.register_blueprint(broker_events.routes(submit, metrics, permit))
    return app


_serve = on_first_request(NAME, build)


@functions_framework.http
def ingest(request: Request) -> Response:
    """Serve one request of functions-framework."""
    return _serve(request)
