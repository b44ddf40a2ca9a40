"""MemoryHistory: the reference that every other history is tested against.

Nothing is read at the start of the process: the history of an account is read from the database
with the first payment of the account, so that the start does not take longer with more payments.
"""

import sys
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from threading import Lock
from typing import Final

from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.account_side import BOUNDS, Bounds
from risksentinel.domain.account_summary import AccountSummary
from risksentinel.domain.history import Snapshot, snapshot_of
from risksentinel.domain.label import Finding
from risksentinel.domain.reviewed import Labelled
from risksentinel.domain.transaction import Transaction
from risksentinel.ports.history import KeptPayments, Remembered, Withheld

MAX_PARTIES: Final = 500_000  # senders, and as many receivers
MAX_ANSWERS: Final = 100_000

Identity = tuple[
    str, str, str
]  # id, sender, receiver: the same id of other accounts is another payment


class MemoryHistory:
    """Meets `ports.RebuildableHistory`: payments of this process and stored ones of their accounts.

    Bounded: the least recently used account is dropped, and read again with its next payment.
    Without `kept` no stored payments are read.
    """

    def __init__(
        self,
        window: timedelta,
        *,
        bounds: Bounds = BOUNDS,
        max_parties: int = MAX_PARTIES,
        kept: KeptPayments | None = None,
    ) -> None:
        self._window_seconds = int(window.total_seconds())
        self._lock = Lock()
        self._answers: OrderedDict[Identity, AccountSummary] = OrderedDict()
        self._bounds, self._kept = bounds, kept
        self._book = AccountBook(max_parties, bounds)

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each payment in order; a repeated id changes nothing and gets its first snapshot.

        Raises:
            Unavailable: the history of an account could not be read; nothing is recorded.
        """
        # Another process may commit one of these payments at the same time: it counts once.
        self._read_past(batch, but={payment.id for payment in batch})
        with self._lock:
            return [self._recorded(payment) for payment in batch]

    def withhold(self, batch: Sequence[Withheld]) -> None:
        """Remove payments that were not approved from the habits."""
        self._read_past([each.transaction for each in batch])
        with self._lock:
            for each in batch:
                self._book.withhold(each.transaction, review=each.review)

    def catch_up(self, batch: Sequence[Remembered]) -> None:
        """Does nothing: the stored payments of an account are read with its next payment."""

    def check(self) -> None:
        """Does nothing: memory always answers."""

    def label(self, batch: Sequence[Labelled]) -> None:
        """Apply labels of payments."""
        self._read_past([each.transaction for each in batch])
        with self._lock:
            _learn(self._book, batch)

    def rebuild(self, payments: Iterable[Remembered]) -> int:
        """Delete the history, then record these payments in the order of receipt; answers how many.

        `payments` is read after the deletion.
        """
        count = 0
        with self._lock:
            self._answers.clear()
            self._book.clear()
            for each in payments:
                self._recorded(each.transaction)
                _withhold(self._book, each)
                count += 1
        return count

    def _read_past(self, batch: Sequence[Transaction], but: Collection[str] = ()) -> None:
        """Read the stored payments of accounts that are not in memory yet.

        Without the lock, because an account with 100,000 payments takes seconds. An account that is
        still not in memory afterwards has no payment that is missing from the query's result.
        """
        if self._kept is None:
            return
        with self._lock:
            payers, payees = self._book.without_state(batch)
        if not payers and not payees:
            return
        past = self._kept.past(payers, payees)
        before = AccountBook(sys.maxsize, self._bounds)
        for each in past.payments:
            if each.transaction.id not in but:
                before.recall(each.transaction, payers, payees)
                _withhold(before, each)
        _learn(before, past.labels)
        with self._lock:
            self._book.adopt(before, payers, payees)

    def _recorded(self, payment: Transaction) -> Snapshot:
        identity = (payment.id, payment.sender_id, payment.receiver_id)
        known = self._answers.get(identity)
        if known is not None:
            return snapshot_of(
                payment, self._book.state_before(payment, known), self._window_seconds
            )
        around = self._book.record(payment)
        self._answers[identity] = around.known
        if len(self._answers) > MAX_ANSWERS:
            self._answers.popitem(last=False)
        return snapshot_of(payment, around, self._window_seconds)


def _withhold(book: AccountBook, remembered: Remembered) -> None:
    withheld = remembered.withheld
    if withheld is not None:
        book.withhold(withheld.transaction, review=withheld.review)


def _learn(book: AccountBook, labels: Iterable[Labelled]) -> None:
    for each in labels:
        fraud = None if each.standing is None else each.standing is Finding.FRAUD
        book.label(each.transaction, each.label.written_at, fraud=fraud)
