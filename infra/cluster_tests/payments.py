"""Generated payments whose ids name their check, and load from several threads."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock, Thread
from time import sleep

from infra.cluster_tests.ingress import IngressResponse
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.text import rfc3339

Payment = Mapping[str, object]
Pay = Callable[[Payment], IngressResponse]
_PAUSE = 0.02
_RETRY_PAUSE = 0.2


def payment(check: str, number: int, amount: str = "120.00") -> Payment:
    """Return a new payment, by default of a small amount that raises no alert."""
    return {
        "id": f"{check}-{number}-{new_id()}",
        "sender_id": f"ZA-{check}-{number % 50}",
        "receiver_id": f"ZA-{number % 7}",
        "amount_zar": amount,
        "channel": "mobile_banking",
        "occurred_at": rfc3339.to_text(now() - timedelta(seconds=1)),
    }


@dataclass(slots=True)
class LoadResult:
    """The responses to the payments of a load."""

    accepted: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def take(self, sent: Payment, answer: IngressResponse) -> None:
        """Count one response."""
        with self._lock:
            self.slowest = max(self.slowest, answer.seconds)
            if answer.ok:
                self.accepted.append(str(sent["id"]))
            else:
                self.refused[f"{answer.status} {answer.body[:80].decode(errors='replace')}"] += 1

    @property
    def in_words(self) -> str:
        """The numbers of accepted and failed payments and the longest response time, as text."""
        failed = "".join(f", {count} x {what}" for what, count in self.refused.items())
        return f"{len(self.accepted)} accepted{failed}, slowest {self.slowest:.2f} s"


@contextmanager
def load(
    check: str, pay: Pay, threads: int = 4, *, insistent: bool = False
) -> Iterator[LoadResult]:
    """Send payments one after the other in each thread while the block runs.

    With `insistent` a failed payment is repeated with the same id until it is accepted.
    """
    tally, over = LoadResult(), Event()

    def send(first: int) -> None:
        number = first
        while not over.is_set():
            one = payment(check, number)
            tally.take(one, answer := pay(one))
            while insistent and not answer.ok:
                sleep(_RETRY_PAUSE)
                tally.take(one, answer := pay(one))
            number += threads
            sleep(_PAUSE)

    running = [Thread(target=send, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield tally
    finally:
        over.set()
        for thread in running:
            thread.join()


def at_once(payments: list[Payment], pay: Pay) -> tuple[LoadResult, list[IngressResponse]]:
    """Send all payments at the same time, each in a thread of its own."""
    tally, answers = LoadResult(), list[IngressResponse]()

    def send(one: Payment) -> None:
        answer = pay(one)
        tally.take(one, answer)
        answers.append(answer)

    running = [Thread(target=send, args=(one,)) for one in payments]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return tally, answers
