"""QueuePayments: payments go straight to the broker while the database is away."""

from collections.abc import Sequence
from dataclasses import dataclass

from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Unavailable
from risksentinel.events import transaction_received
from risksentinel.ports.announcements import Outcome, Publisher
from risksentinel.ports.environment import TraceContexts


@dataclass(frozen=True, slots=True)
class QueuePayments:
    """Announce payments without keeping them first; the score function keeps them."""

    publisher: Publisher

    def __call__(
        self, batch: Sequence[Transaction], source: str, origins: TraceContexts
    ) -> Sequence[Transaction]:
        """The payments themselves: they wait for their score.

        Raises:
            Unavailable: the broker did not take them all; sent again, no payment counts twice.
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
