"""Generated payments whose ids name their check, and load from several threads."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from threading import Event, Lock, Thread
from time import monotonic, sleep

from infra.cluster_tests.ingress import IngressResponse
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.text import rfc3339

Payment = Mapping[str, object]
Pay = Callable[[Payment], IngressResponse]
_PAUSE = 0.02
_RETRY_PAUSE = 0.2
_GIVEN_UP_AFTER = 120.0
_PROBLEM = '503 {"type":"urn:risksentinel:problem:unavailable"'


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
    """The responses to the payments of a load.

    `accepted` are the ids of the payments that were accepted, `queued` those among them that the
    broker has, to be scored from the topic. `refused` counts the other answers.
    """

    accepted: list[str] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def take(self, sent: Payment, answer: IngressResponse) -> None:
        """Count one response."""
        with self._lock:
            self.slowest = max(self.slowest, answer.seconds)
            if answer.ok:
                self.accepted.append(str(sent["id"]))
                if answer.status == HTTPStatus.ACCEPTED:
                    self.queued.append(str(sent["id"]))
            else:
                self.refused[f"{answer.status} {answer.body[:80].decode(errors='replace')}"] += 1

    @property
    def failures(self) -> int:
        """The number of failures that are not the engine's own 503, which asks to repeat."""
        return sum(count for what, count in self.refused.items() if _PROBLEM not in what)

    @property
    def in_words(self) -> str:
        """The numbers of accepted and failed payments and the longest response time, as text."""
        failed = "".join(f", {count} x {what}" for what, count in self.refused.items())
        queued = f" ({len(self.queued)} by the broker)" if self.queued else ""
        return f"{len(self.accepted)} accepted{queued}{failed}, slowest {self.slowest:.2f} s"


@contextmanager
def load(check: str, pay: Pay, threads: int = 4) -> Iterator[LoadResult]:
    """Send payments one after the other in each thread while the block runs.

    A failed payment is repeated with the same id until it is accepted.
    """
    tally, over = LoadResult(), Event()

    def send(first: int) -> None:
        number = first
        while not over.is_set():
            _until_accepted(payment(check, number), pay, tally)
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


def at_once(payments: list[Payment], pay: Pay) -> tuple[LoadResult, list[float]]:
    """Send all payments at the same time, each in a thread of its own, until it is accepted.

    Return the answers, and the seconds until each payment was accepted.
    """
    tally, seconds = LoadResult(), list[float]()

    def send(one: Payment) -> None:
        began = monotonic()
        _until_accepted(one, pay, tally)
        seconds.append(monotonic() - began)

    running = [Thread(target=send, args=(one,)) for one in payments]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return tally, seconds


def _until_accepted(one: Payment, pay: Pay, tally: LoadResult) -> None:
    """Send the payment until it is accepted, for two minutes at most."""
    until = monotonic() + _GIVEN_UP_AFTER
    tally.take(one, answer := pay(one))
    while not answer.ok and monotonic() < until:
        sleep(_RETRY_PAUSE)
        tally.take(one, answer := pay(one))
