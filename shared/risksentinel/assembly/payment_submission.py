"""The use case that takes payments in: scores them now, or queues them."""

from risksentinel.assembly.broker import publisher
from risksentinel.assembly.container import Container
from risksentinel.assembly.history import history
from risksentinel.assembly.ledger import ledger
from risksentinel.assembly.scoring import score_transactions
from risksentinel.ports.environment import Meter
from risksentinel.telemetry.tracing import traced_publisher
from risksentinel.usecases.queue_payments import QueuePayments
from risksentinel.usecases.receive_transactions import ReceiveTransactions
from risksentinel.usecases.score_together import ScoreTogether
from risksentinel.usecases.submit_payments import SubmitPayments


def submit_payments(
    container: Container, meter: Meter, *, never_late: bool = False
) -> SubmitPayments:
    """The use case behind `POST /api/v1/transactions`; a broker is the fallback of the database.

    With `never_late` no payment is reviewed because of its date.
    """
    receive = ReceiveTransactions(ledger(container), container.clock)
    one_batch = score_transactions(container, meter, history(container), never_late=never_late)
    score = ScoreTogether(one_batch)
    broker = publisher(container)
    fallback = None if broker is None else QueuePayments(traced_publisher("ingest", broker))
    return SubmitPayments(score, receive, container.clock, container.new_id, fallback)
