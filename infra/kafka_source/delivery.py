"""Delivers events until each of them is done or dead-lettered."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event as Flag
from typing import Final, Protocol

import structlog

from infra.kafka_source.attempts import Attempts
from infra.kafka_source.http_sink import EventSink
from infra.kafka_source.incoming import Incoming
from infra.kafka_source.options import RetryPolicy
from infra.kafka_source.sink_responses import DeliveryResult, SinkResponse
from risksentinel.adapters.kafka.letter_attributes import REASON
from risksentinel.ports.publishing import Delivery, Outcome

LETTER_PAUSE: Final = 1.0  # seconds between attempts to write a dead letter
_log = structlog.get_logger(__name__)


class Halted(Exception):
    """The worker stops; unfinished events belong to the next consumer of the partition."""


class Box(Protocol):
    """Stores dead letters."""

    def put(self, event: Incoming, answer: SinkResponse, attempts: int) -> Delivery:
        """Write a dead letter; the outcome is DELIVERED, or the reason says why not."""


class Counts(Protocol):
    """Counts deliveries."""

    def delivered(self, topic: str) -> None:
        """Count an event that is done."""

    def retried(self, topic: str, events: int) -> None:
        """Count events that are delivered again."""

    def dead_lettered(self, topic: str, status: int | None) -> None:
        """Count a dead letter; `status` is None if there was no HTTP response."""

    def sink_answered(self, *, unavailable: bool) -> None:
        """Record whether the function was available for the last request."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """Delivers the events of one partition in their order."""

    sink: EventSink
    box: Box
    retry_policy: RetryPolicy
    counts: Counts
    halt: Flag
    seconds: Callable[[], float] = time.monotonic

    def __call__(self, events: Sequence[Incoming]) -> Iterator[Incoming]:
        """Yield each event, in order, when it and all earlier ones are done or dead-lettered.

        A request contains at most one event of each key: otherwise the later event would be handled
        already when the earlier one fails and is delivered again.

        Raises:
            Halted: `halt` is set; events that were not yielded may be unfinished.
        """
        waiting, settled = deque(events), set[int]()
        for unreadable in (event for event in events if event.fault is not None):
            refused = SinkResponse(
                DeliveryResult.REJECTED, extensions={REASON: str(unreadable.fault)}
            )
            self._dead_letter(unreadable, refused, 0)
            settled.add(unreadable.offset)
        yield from self._done(waiting, settled)
        for together in _rounds([event for event in events if event.fault is None]):
            for event, answer in zip(together, self._first_answers(together), strict=True):
                self._settle(event, answer)
                settled.add(event.offset)
                yield from self._done(waiting, settled)

    @staticmethod
    def _done(waiting: deque[Incoming], settled: set[int]) -> Iterator[Incoming]:
        while waiting and waiting[0].offset in settled:
            yield waiting.popleft()

    def _first_answers(self, events: Sequence[Incoming]) -> Sequence[SinkResponse | None]:
        if len(events) == 1:
            return [None]
        attempts = Attempts(self.retry_policy)
        while True:
            self._raise_if_halted()
            answers = self.sink.batch(events)
            unavailable = all(
                answer.result is DeliveryResult.UNAVAILABLE
                for answer in ([answers] if isinstance(answers, SinkResponse) else answers)
            )
            self.counts.sink_answered(unavailable=unavailable)
            if not unavailable:
                return [None] * len(events) if isinstance(answers, SinkResponse) else answers
            pause = attempts.pause_after(SinkResponse(DeliveryResult.UNAVAILABLE), self.seconds())
            if pause is None:
                return [None] * len(events)
            self.counts.retried(events[0].topic, len(events))
            self._wait(pause)

    def _settle(self, event: Incoming, first: SinkResponse | None) -> None:
        attempts = Attempts(self.retry_policy)
        answer = first or self._one(event)
        while answer.result in {DeliveryResult.FAILED, DeliveryResult.UNAVAILABLE}:
            pause = attempts.pause_after(answer, self.seconds())
            if pause is None:
                break
            self.counts.retried(event.topic, 1)
            self._wait(pause)
            answer = self._one(event)
        if answer.result is DeliveryResult.DONE:
            self.counts.delivered(event.topic)
        else:
            tried = attempts.made + (answer.result is DeliveryResult.REJECTED)
            self._dead_letter(event, answer, tried)

    def _one(self, event: Incoming) -> SinkResponse:
        self._raise_if_halted()
        answer = self.sink.one(event)
        self.counts.sink_answered(unavailable=answer.result is DeliveryResult.UNAVAILABLE)
        return answer

    def _dead_letter(self, event: Incoming, answer: SinkResponse, tried: int) -> None:
        place = {"topic": event.topic, "partition": event.partition, "offset": event.offset}
        while (put := self.box.put(event, answer, tried)).outcome is not Outcome.DELIVERED:
            # Its offset is committed after the dead letter is stored: the partition waits.
            _log.error("source.dead_letter_not_stored", reason=put.reason, **place)
            self._wait(LETTER_PAUSE)
        self.counts.dead_lettered(event.topic, answer.status)
        _log.error("source.dead_lettered", status=answer.status, attempts=tried, **place)

    def _raise_if_halted(self) -> None:
        if self.halt.is_set():
            raise Halted

    def _wait(self, seconds: float) -> None:
        if self.halt.wait(seconds):
            raise Halted


def _rounds(events: Sequence[Incoming]) -> list[list[Incoming]]:
    """Group the events: round n has the n-th event of each key; events without a key go first."""
    rounds: list[list[Incoming]] = []
    turns: Counter[bytes] = Counter()
    for event in events:
        turn = turns[event.key] if event.key else 0
        if event.key:
            turns[event.key] += 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(event)
    return rounds
