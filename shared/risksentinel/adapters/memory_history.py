"""History in memory: the reference that every other adapter is held against."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from threading import Lock
from typing import Final

from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.account_side import BOUNDS, Bounds, Known
from risksentinel.domain.history import Snapshot, snapshot_of
from risksentinel.domain.label import Finding, Labelled
from risksentinel.domain.transaction import Transaction
from risksentinel.ports.history import Remembered, Withheld

MAX_PARTIES: Final = 500_000  # senders and receivers, each: what one process can keep
MAX_ANSWERS: Final = 100_000

Identity = tuple[str, str, str]  # id, sender, receiver: the same id between others is another one


class MemoryHistory:
    """What one process has seen. Bounded: who was not heard of for longest is forgotten."""

    def __init__(
        self,
        window: timedelta,
        *,
        bounds: Bounds = BOUNDS,
        max_parties: int = MAX_PARTIES,
    ) -> None:
        self._window_seconds = int(window.total_seconds())
        self._lock = Lock()
        self._answers: OrderedDict[Identity, Known] = OrderedDict()
        self._book = AccountBook(max_parties, bounds)

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each in turn; a repeated id changes nothing and gets its first snapshot."""
        with self._lock:
            return [self._recorded(payment) for payment in batch]

    def withhold(self, batch: Sequence[Withheld]) -> None:
        """Take payments that were not approved out of the habits."""
        with self._lock:
            for each in batch:
                self._book.withhold(each.transaction, review=each.review)

    def check(self) -> None:
        """It is in this process: it answers."""

    def label(self, batch: Sequence[Labelled]) -> None:
        """Learn what payments turned out to be."""
        with self._lock:
            for each in batch:
                fraud = None if each.standing is None else each.standing is Finding.FRAUD
                self._book.label(each.transaction, each.label.written_at, fraud=fraud)

    def rebuild(self, payments: Iterable[Remembered]) -> int:
        """Forget everything, then record payments that were kept, in the order in which they came.

        Answers how many. Reading them begins when everything is forgotten.
        """
        with self._lock:
            self._answers.clear()
            self._book.clear()
        count = 0
        for each in payments:
            self.record([each.transaction])
            if each.withheld is not None:
                self.withhold([each.withheld])
            count += 1
        return count

    def _recorded(self, payment: Transaction) -> Snapshot:
        identity = (payment.id, payment.sender_id, payment.receiver_id)
        known = self._answers.get(identity)
        if known is not None:
            return snapshot_of(payment, self._book.again(payment, known), self._window_seconds)
        around = self._book.record(payment)
        self._answers[identity] = around.known
        if len(self._answers) > MAX_ANSWERS:
            self._answers.popitem(last=False)
        return snapshot_of(payment, around, self._window_seconds)
