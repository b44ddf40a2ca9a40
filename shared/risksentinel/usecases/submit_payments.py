"""SubmitPayments: an answer for each payment; a malformed one does not fail the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from risksentinel.deadline import Step, within
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Conflict, Malformed, Unavailable
from risksentinel.payment_formats.payment_document import PaymentDocument
from risksentinel.ports.environment import Clock, NewId, TraceContexts
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.usecases.queue_payments import QueuePayments
from risksentinel.usecases.receive_transactions import ReceiveTransactions
from risksentinel.usecases.score_together import ScoreTogether

PaymentAnswer = StoredVerdict | Transaction | Conflict | Malformed


@dataclass(frozen=True, slots=True)
class SubmitPayments:
    """The use case of the ingest function, for HTTP requests, batches and events."""

    score: ScoreTogether
    receive: ReceiveTransactions
    clock: Clock
    new_id: NewId
    fallback: QueuePayments | None  # takes payments while the database is unavailable

    def __call__(
        self,
        payments: Sequence[PaymentDocument | Malformed],
        source: str,
        *,
        wait: bool,
        traceparents: Sequence[str | None],
        learn_only: bool = False,
    ) -> list[PaymentAnswer]:
        """One answer for each payment, in order: its verdict, itself while it waits, or an error.

        `traceparents` has the trace of each payment's request. With `learn_only` the payments are
        imported history, which is scored at once, also without `wait`.

        Raises:
            Unavailable: nothing was stored; retry the same payments.
        """
        now = self.clock()
        read = [self._read(payment, now) for payment in payments]
        batch = [payment for payment in read if isinstance(payment, Transaction)]
        use_case = self.score if wait else self.receive
        origins = {
            payment.id: origin
            for payment, origin in zip(read, traceparents, strict=True)
            if isinstance(payment, Transaction) and origin
        }
        answers: Iterator[PaymentAnswer] = iter(())
        if batch and learn_only:
            answers = iter(self.score(batch, source, origins, learn_only=True))
        elif batch:
            answers = iter(self._answers(use_case, batch, source, origins))
        return [next(answers) if isinstance(entry, Transaction) else entry for entry in read]

    def _answers(
        self,
        use_case: ScoreTogether | ReceiveTransactions,
        batch: Sequence[Transaction],
        source: str,
        origins: TraceContexts,
    ) -> Sequence[PaymentAnswer]:
        try:
            return use_case(batch, source, origins)
        except Unavailable:
            if self.fallback is None:
                raise
            with within(Step.QUEUE):
                return self.fallback(batch, source, origins)

    def _read(self, payment: PaymentDocument | Malformed, now: datetime) -> Transaction | Malformed:
        if isinstance(payment, Malformed):
            return payment
        try:
            return payment.transaction(self.new_id, now)
        except Malformed as malformed:
            return malformed
