"""A timer's event -> RelayOutbox and ChainEntries, for what a process left when it ended."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.errors import Misconfigured
from risksentinel.http.event_responses import respond
from risksentinel.telemetry import tracing
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.relay_outbox import NOTHING, RelayOutbox

PATH = "/outbox/sweep"


def routes(
    relay: RelayOutbox | None, chain: Callable[[], int], metrics: FunctionMetrics
) -> Blueprint:
    """POST takes any event; its content is ignored."""
    blueprint = Blueprint("outbox_sweep", __name__)

    def sweep(_event: ReceivedEvent) -> None:
        if relay is None:
            raise Misconfigured("set KAFKA_BOOTSTRAP_SERVERS: without it the engine relays itself")
        relayed = relay()
        if relayed == NOTHING:
            tracing.idle()
        while relayed.delivered:
            relayed = relay()
        while chain():  # entries of a process that ended before its next pass
            pass

    @blueprint.post(PATH)
    def swept() -> Response:
        return respond(request, sweep, metrics)

    return blueprint
