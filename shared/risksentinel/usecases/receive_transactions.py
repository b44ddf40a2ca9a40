"""ReceiveTransactions: stores payments that are scored later."""

from collections.abc import Sequence
from dataclasses import dataclass

from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Conflict
from risksentinel.events import transaction_received
from risksentinel.ports.environment import Clock, TraceContexts
from risksentinel.ports.ledger import Ledger
from risksentinel.ports.stored_payment import StoredPayment, StoredVerdict


@dataclass(frozen=True, slots=True)
class ReceiveTransactions:
    """Store payments and publish them to the score function, in one commit."""

    ledger: Ledger
    clock: Clock

    def __call__(
        self, batch: Sequence[Transaction], source: str, origins: TraceContexts
    ) -> list[StoredVerdict | Transaction | Conflict]:
        """One answer for each payment, in order: its verdict, itself while it waits, or Conflict.

        Raises:
            Unavailable: the database did not answer; nothing was stored.
        """
        first: dict[str, Transaction] = {}
        for payment in batch:
            first.setdefault(payment.id, payment)
        known = self.ledger.known(list(first))
        with self.ledger.unit() as unit:
            fresh = unit.receive(batch, self.clock())
            unit.enqueue(
                [
                    transaction_received.encode(payment, source, origins.get(payment.id))
                    for payment in first.values()
                    if payment.id in fresh
                ]
            )
            raced = first.keys() - known.keys() - fresh
            known |= unit.known(list(raced)) if raced else {}
        # Written payments are not read again: an outage after the commit must not fail the request.
        known |= {name: StoredPayment(first[name], None) for name in fresh}
        return [known[payment.id].answer(payment) for payment in batch]
