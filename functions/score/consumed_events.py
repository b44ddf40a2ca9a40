"""POST /: routes each consumed event to the handler of its type."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, request

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.errors import Malformed, Violation
from risksentinel.http.event_responses import HandleBatch, respond
from risksentinel.telemetry.metrics import FunctionMetrics


def routes(handlers: Mapping[str, HandleBatch], metrics: FunctionMetrics) -> Blueprint:
    """POST / takes events in binary, structured and batch mode.

    The events of a batch are handled by type, in the order of the handlers: payments before labels.
    """
    blueprint = Blueprint("consumed_events", __name__)

    def handle_batch(events: Sequence[ReceivedEvent]) -> None:
        if any(event.type not in handlers for event in events):
            raise Malformed([Violation("type", f"must be one of {', '.join(handlers)}")])
        for kind, handle in handlers.items():
            mine = [event for event in events if event.type == kind]
            if mine:
                handle(mine)

    @blueprint.post("/")
    def consumed() -> Response:
        return respond(request, lambda event: handle_batch([event]), metrics, handle_batch)

    return blueprint
