"""Made-up payments whose ids say which check sent them, and a load of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock, Thread
from time import sleep

from infra.cluster_tests.ingress import IngressResponse
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.domain.moments import rfc3339

Payment = Mapping[str, object]
Pay = Callable[[Payment], IngressResponse]
_BREATH = 0.02
_BEFORE_AGAIN = 0.2


def payment(check: str, number: int, amount: str = "120.00") -> Payment:
    """A small payment that nobody minds, or one of this amount; never the same twice."""
    return {
        "id": f"{check}-{number}-{new_id()}",
        "sender_id": f"ZA-{check}-{number % 50}",
        "receiver_id": f"ZA-{number % 7}",
        "amount_zar": amount,
        "channel": "mobile_banking",
        "occurred_at": rfc3339(now() - timedelta(seconds=1)),
    }


@dataclass(slots=True)
class LoadResult:
    """What became of the payments of a load."""

    accepted: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def take(self, sent: Payment, answer: IngressResponse) -> None:
        """Count one answer."""
        with self._lock:
            self.slowest = max(self.slowest, answer.seconds)
            if answer.ok:
                self.accepted.append(str(sent["id"]))
            else:
                self.refused[f"{answer.status} {answer.body[:80].decode(errors='replace')}"] += 1

    @property
    def in_words(self) -> str:
        """How many were answered how, and the slowest."""
        failed = "".join(f", {count} x {what}" for what, count in self.refused.items())
        return f"{len(self.accepted)} accepted{failed}, slowest {self.slowest:.2f} s"


@contextmanager
def load(
    check: str, pay: Pay, threads: int = 4, *, insistent: bool = False
) -> Iterator[LoadResult]:
    """Payments one after the other in each thread, while the block runs.

    An insistent caller sends what failed again, with the same id, until it is accepted.
    """
    tally, over = LoadResult(), Event()

    def send(first: int) -> None:
        number = first
        while not over.is_set():
            one = payment(check, number)
            tally.take(one, answer := pay(one))
            while insistent and not answer.ok:
                sleep(_BEFORE_AGAIN)
                tally.take(one, answer := pay(one))
            number += threads
            sleep(_BREATH)

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
    """All of them at the same time, each by a caller of its own."""
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
