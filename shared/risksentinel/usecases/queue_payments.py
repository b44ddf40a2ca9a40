"""QueuePayments: payments go directly to the broker while the database is unavailable."""

from collections.abc import Sequence
from dataclasses import dataclass

from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Unavailable
from risksentinel.events import transaction_received
from risksentinel.ports.environment import TraceContexts
from risksentinel.ports.publishing import Outcome, Publisher


@dataclass(frozen=True, slots=True)
class QueuePayments:
    """Publish payments without storing them first; the score function stores them."""

    publisher: Publisher

    def __call__(
        self, batch: Sequence[Transaction], source: str, origins: TraceContexts
    ) -> Sequence[Transaction]:
        """The payments themselves: they wait for their score.

        Raises:
            Unavailable: the broker did not take all of them; in a retry no payment counts twice.
        """
        deliveries = self.publisher.publish(
            [
                transaction_received.encode(payment, source, origins.get(payment.id))
                for payment in batch
            ]
        )
        if any(delivery.outcome is not Outcome.DELIVERED for delivery in deliveries):
            raise Unavailable("broker")
        return batch
