"""Concurrent requests to a scorer that waits or fails as a test sets it."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock
from time import monotonic, sleep
from typing import Any

from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Malformed
from risksentinel.usecases.score_together import ScoreTogether
from tests.usecases.payments import paid

SOURCE = "/risksentinel/ingest"


@dataclass
class Scorer:
    """Stands in for ScoreTransactions: it notes its batches, and may wait or fail."""

    batches: list[list[str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    error: Exception | None = None
    poison: str = ""
    gate: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def __call__(
        self, batch: Sequence[Transaction], source: str, *_: object, **__: object
    ) -> list[Any]:
        """The ids of the payments, as the answers."""
        assert source == SOURCE
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.batches.append([payment.id for payment in batch])
        self.gate.wait(10)
        with self._lock:
            self.at_once -= 1
        if self.error is not None:
            raise self.error
        if self.poison in {payment.id for payment in batch}:
            raise Malformed("a text contains a character that cannot be stored")
        return [payment.id for payment in batch]


def together(scorer: Any, at_once: int = 1) -> ScoreTogether:  # noqa: ANN401 - a fake
    """The use case on the fake."""
    return ScoreTogether(scorer, at_once)


def wait_for(queued: int, score: ScoreTogether) -> None:
    """Wait until so many requests are in the queue."""
    deadline = monotonic() + 10
    while len(score._queue) < queued:  # noqa: SLF001 - nothing public shows a waiting request
        assert monotonic() < deadline
        sleep(0.001)


@contextmanager
def queued(
    score: ScoreTogether, scorer: Scorer, names: Sequence[str]
) -> Iterator[list[Future[Any]]]:
    """Requests that wait while the first one is scored; the block's end lets them go on."""
    with ThreadPoolExecutor(len(names) + 1) as threads:
        futures = [threads.submit(score, [paid("first")], SOURCE, {})]
        deadline = monotonic() + 10
        while not scorer.batches:
            assert monotonic() < deadline
            sleep(0.001)
        for place, name in enumerate(names, 1):
            futures.append(threads.submit(score, [paid(name)], SOURCE, {}))
            wait_for(place, score)
        yield futures
        scorer.gate.set()
