"""ReceiveTransactions: payments in, to be scored in a moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Conflict
from risksentinel.events import transaction_received
from risksentinel.ports.environment import Clock, TraceContexts, WakeUp
from risksentinel.ports.ledger import Ledger
from risksentinel.ports.stored_payment import StoredPayment, StoredVerdict


@dataclass(frozen=True, slots=True)
class ReceiveTransactions:
    """Keep payments and announce them to the score function, in one commit."""

    ledger: Ledger
    clock: Clock
    wake_up: WakeUp

    def __call__(
        self, batch: Sequence[Transaction], source: str, origins: TraceContexts
    ) -> list[StoredVerdict | Transaction | Conflict]:
        """One answer a payment, in order: its verdict, if it has one; itself, if it waits.

        Raises:
            Unavailable: the database did not answer; nothing was kept.
        """
        first: dict[str, Transaction] = {}
        for payment in batch:
            first.setdefault(payment.id, payment)
        known = self.ledger.known(list(first))
        with self.ledger.unit() as unit:
            fresh = unit.receive(batch, self.clock())
            unit.announce(
                [
                    transaction_received.encode(payment, source, origins.get(payment.id))
                    for payment in first.values()
                    if payment.id in fresh
                ]
            )
            raced = first.keys() - known.keys() - fresh
            known |= unit.known(list(raced)) if raced else {}
        self.wake_up()
        # What was written needs no reading: a database that goes away now has the payments.
        known |= {name: StoredPayment(first[name], None) for name in fresh}
        return [known[payment.id].answer(payment) for payment in batch]
