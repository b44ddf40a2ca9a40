"""transaction.received.v1 -> ScoreTransactions."""

from collections.abc import Sequence

from flask import Blueprint, Response, request

from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Conflict, Fault, Malformed
from risksentinel.events import transaction_received
from risksentinel.events.sources import SCORE
from risksentinel.runtime import tracing
from risksentinel.runtime.event_answers import respond
from risksentinel.runtime.metrics import FunctionMetrics
from risksentinel.runtime.received_event import ReceivedEvent
from risksentinel.usecases.score_transactions import ScoreTransactions


def routes(score: ScoreTransactions, metrics: FunctionMetrics) -> Blueprint:
    """POST / takes events in binary, structured and batch mode."""
    blueprint = Blueprint("received_events", __name__)

    def together(events: Sequence[ReceivedEvent]) -> None:
        # The verdicts leave through the outbox, not through the reply.
        payments = [_payment(event) for event in events]
        origins = {
            payment.id: origin
            for payment, event in zip(payments, events, strict=True)
            if (origin := tracing.origin(event.traceparent))
        }
        for answer in score(payments, SCORE, origins):
            if isinstance(answer, Conflict):
                raise answer
            tracing.payment(answer)

    @blueprint.post("/")
    def received() -> Response:
        return respond(request, lambda event: together([event]), metrics, together)

    return blueprint


def _payment(event: ReceivedEvent) -> Transaction:
    if event.type != transaction_received.TYPE:
        raise Malformed([Fault("type", f"must be {transaction_received.TYPE}")])
    data = event.payload()
    if not isinstance(data, dict):
        raise Malformed([Fault("data", "must be a JSON object")])
    return transaction_received.decode(data)
