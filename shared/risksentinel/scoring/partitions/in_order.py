"""InOrder: past payments decided in their order in one process, many at a time.

Payments without a common account do not depend on each other. So a window of payments is decided in
waves: a payment is in the wave after the last one that has one of its accounts. The results are
those of one payment after the other; a wave needs one run of the model.
"""

import sys
from collections.abc import Iterable, Sequence
from typing import Final, Generic

from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.account_side import BOUNDS, Bounds
from risksentinel.domain.history import snapshot_of
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Rejected
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, PastPayment
from risksentinel.scoring.partitions.senders import Decide, Result

MAX_ACCOUNTS: Final = 2_000_000  # senders, and as many receivers: about 2 KB each


class InOrder(Generic[Result]):
    """The state of all accounts after the events so far; `decide` is asked once for each wave."""

    def __init__(
        self,
        decide: Decide[Result],
        window_seconds: int,
        bounds: Bounds = BOUNDS,
        most: int = MAX_ACCOUNTS,
    ) -> None:
        self._decide, self._window_seconds, self._most = decide, window_seconds, most
        self._book = AccountBook(sys.maxsize, bounds)
        self._reviewed: set[int] = set()  # orders of payments under review, for their labels

    def __call__(self, window: Sequence[PastEvent]) -> list[tuple[PastPayment, Result]]:
        """Return the results of the payments of a window that have no given decision, in order.

        Raises:
            Rejected: there are more than `most` accounts.
        """
        found: list[tuple[PastPayment, Result]] = []
        for wave in waves(window):
            found += self._decided(wave)
        if self._book.accounts > self._most:
            raise Rejected(f"more than {self._most:,} accounts do not fit into one process")
        return sorted(found, key=lambda pair: pair[0].order)

    def _decided(self, wave: Iterable[PastEvent]) -> list[tuple[PastPayment, Result]]:
        asked = []
        for event in wave:
            if isinstance(event, PastLabel):
                self._label(event)
                continue
            around = self._book.record(event.payment)
            if event.given is not None:
                self._withhold(event, event.given)
                continue
            asked.append((event, snapshot_of(event.payment, around, self._window_seconds)))
        answers = self._decide(asked) if asked else ()
        found = [(event, said) for (event, _), said in zip(asked, answers, strict=True)]
        for event, said in found:
            self._withhold(event, said.decision)
        return found

    def _withhold(self, event: PastPayment, decision: Decision) -> None:
        if decision is Decision.APPROVE:
            return
        review = decision is Decision.REVIEW
        if review:
            self._reviewed.add(event.order)
        self._book.withhold(event.payment, review=review)

    def _label(self, event: PastLabel) -> None:
        decision = Decision.REVIEW if event.of in self._reviewed else None
        if event.applies(decision):
            self._book.label(event.payment, event.known_at, fraud=event.fraud)


def waves(window: Iterable[PastEvent]) -> list[list[PastEvent]]:
    """Return the events in waves; no two events of a wave have a common account.

    Events with a common account keep their order.
    """
    found: list[list[PastEvent]] = []
    last: dict[str, int] = {}
    for event in window:
        sender, receiver = event.payment.sender_id, event.payment.receiver_id
        wave = max(last.get(sender, -1), last.get(receiver, -1)) + 1
        last[sender] = last[receiver] = wave
        if wave == len(found):
            found.append([])
        found[wave].append(event)
    return found
