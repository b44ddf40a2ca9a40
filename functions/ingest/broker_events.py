"""payment.submitted.v1, or a plain record of the payment broker -> SubmitPayments."""

from collections.abc import Callable, Sequence
from hashlib import sha256

from flask import Blueprint, Response, request

from risksentinel.cloudevents.received_event import ReceivedEvent, media_type
from risksentinel.errors import Malformed, Rejected, Violation
from risksentinel.events import payment_submitted
from risksentinel.events.sources import INGEST
from risksentinel.http.event_responses import respond
from risksentinel.payment_formats import FORMATS
from risksentinel.payment_formats.payment_document import PaymentDocument
from risksentinel.telemetry import tracing
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.submit_payments import SubmitPayments

PUBLIC_PATH = "/api/v1/transactions/events"  # the same route, for callers behind a gateway


def routes(
    submit: SubmitPayments, metrics: FunctionMetrics, permit: Callable[[Response], Response]
) -> Blueprint:
    """POST takes events in binary, structured and batch mode; OPTIONS is the webhook handshake."""
    blueprint = Blueprint("broker_events", __name__)
    blueprint.after_request(permit)

    def handle_batch(events: Sequence[ReceivedEvent]) -> None:
        stated = [_payment(event) for event in events]
        origins = [tracing.origin(event.traceparent) for event in events]
        for answer in submit(stated, INGEST, wait=False, traceparents=origins):
            if isinstance(answer, Rejected):
                raise answer
            tracing.payment(answer)

    @blueprint.post("/")
    @blueprint.post(PUBLIC_PATH)
    def submitted() -> Response:
        return respond(request, lambda event: handle_batch([event]), metrics, handle_batch)

    return blueprint


def _payment(event: ReceivedEvent) -> PaymentDocument:
    if event.type not in payment_submitted.TYPES:
        raise Malformed([Violation("type", f"must be {payment_submitted.TYPE}")])
    content_type = media_type(event.datacontenttype) or "application/json"
    read = FORMATS.get(content_type)
    if read is None:
        raise Malformed([Violation("datacontenttype", f"must be one of {', '.join(FORMATS)}")])
    stated = read(event.data)
    # An event that is delivered twice must lead to the same payment.
    return stated.model_copy(
        update={
            "id": stated.id or _id_of(event),
            "occurred_at": stated.occurred_at or event.time,
        }
    )


def _id_of(event: ReceivedEvent) -> str:
    """The payment id for an event without one: source and id together identify an event."""
    return sha256(f"{event.source} {event.id}".encode()).hexdigest()
