"""ingest: serves /api/v1/transactions, and consumes the events of the payment broker."""

import functions_framework
from flask import Request, Response

from functions.ingest import broker_events, payment_labels, payment_lists, payments, revisions
from functions.ingest.payments import PATH
from risksentinel.adapters.sql.revision_records import SqlRevisions
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.assembly.account_reads import record_read
from risksentinel.assembly.authentication import authentication_checks, authenticator
from risksentinel.assembly.broker_relay import broker_relay
from risksentinel.assembly.container import Container
from risksentinel.assembly.counterfactual import explain_counterfactual
from risksentinel.assembly.database import required_checks
from risksentinel.assembly.decision_deadline import deadline_seconds
from risksentinel.assembly.event_senders import event_senders
from risksentinel.assembly.history import history
from risksentinel.assembly.label_changes import write_label
from risksentinel.assembly.label_records import label_records
from risksentinel.assembly.model import watch_model
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.assembly.payment_submission import submit_payments
from risksentinel.assembly.rate_limit import rate_limit
from risksentinel.assembly.scoring import scoring_checks
from risksentinel.cloudevents.webhook_handshake import handshake
from risksentinel.events.sources import INGEST
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.http.payment_deadline import decide_in_time
from risksentinel.http.rate_limits import limit_rates
from risksentinel.telemetry.metrics import FunctionMetrics

NAME = "ingest"


def build(container: Container) -> FunctionApp:
    """Build the app of the function."""
    metrics = FunctionMetrics(NAME)
    app = function_app(
        NAME,
        required=required_checks(container),
        optional={
            **scoring_checks(container, history(container)),
            **authentication_checks(container),
        },
        authenticate=authenticator(container),
        event_senders=event_senders(container),
    )
    watch_model(container, metrics)
    submit = submit_payments(container, metrics)
    app.register_api(payments.routes(submit))
    records = SqlTransactionRecords(container.engine)
    reads, explain = record_read(container), explain_counterfactual(container)
    app.register_api(payment_lists.routes(records, label_records(container), reads, explain))
    app.register_api(revisions.routes(SqlRevisions(container.engine)))
    app.register_api(payment_labels.routes(write_label(container, INGEST)))
    settings = container.settings
    permit = handshake(settings.event_webhook_origins, settings.event_webhook_rate)
    app.register_blueprint(broker_events.routes(submit, metrics, permit))
    limit_rates(app, rate_limit(container))
    decide_in_time(app, deadline_seconds(container), PATH, f"{PATH}/batch")
    return app


_serve = on_first_request(NAME, build, broker_relay)


@functions_framework.http
def ingest(request: Request) -> Response:
    """Serve one request from functions-framework."""
    return _serve(request)
