"""transaction.received.v1 -> ScoreTransactions."""

from collections.abc import Sequence

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.errors import Conflict
from risksentinel.events import transaction_received
from risksentinel.events.sources import SCORE
from risksentinel.telemetry import tracing
from risksentinel.usecases.score_transactions import ScoreTransactions


def payments_scored(score: ScoreTransactions, events: Sequence[ReceivedEvent]) -> None:
    """Score the payments of all events at once; the verdicts are published through the outbox.

    Raises:
        Conflict: an id belongs to another payment.
    """
    payments = [transaction_received.decode(event.document()) for event in events]
    origins = {
        payment.id: origin
        for payment, event in zip(payments, events, strict=True)
        if (origin := tracing.origin(event.traceparent))
    }
    for answer in score(payments, SCORE, origins):
        if isinstance(answer, Conflict):
            raise answer
        tracing.payment(answer)
