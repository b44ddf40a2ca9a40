"""alert.raised.v1 -> DispatchAlert."""

from flask import Blueprint, Response, request

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.events import alert_raised
from risksentinel.events.event import Event
from risksentinel.http.event_responses import respond
from risksentinel.telemetry import tracing
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.dispatch_alert import DispatchAlert


def routes(dispatch: DispatchAlert, metrics: FunctionMetrics) -> Blueprint:
    """POST / takes events in binary, structured and batch mode."""
    blueprint = Blueprint("raised_events", __name__)

    @blueprint.post("/")
    def raised() -> Response:
        # One by one, also in a batch: each alert is delivered or refused separately.
        return respond(request, lambda event: dispatch(_raised(event)), metrics)

    return blueprint


def _raised(event: ReceivedEvent) -> Event:
    alert = alert_raised.decode(event.document(), event.type)
    tracing.payment(alert)
    # The id stays the same: a repeated delivery is recognized by the id.
    return alert_raised.encode(
        alert, event_id=event.id, source=event.source, traceparent=event.traceparent
    )
