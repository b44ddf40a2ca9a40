"""Events are delivered until each of them is done, or given up."""

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
from risksentinel.ports.announcements import Delivery, Outcome

LETTER_PAUSE: Final = 1.0  # seconds between attempts to write a dead letter
_log = structlog.get_logger(__name__)


class Halted(Exception):
    """The work ends here; what is not finished belongs to whoever reads the partition next."""


class Box(Protocol):
    """Where dead letters go."""

    def put(self, event: Incoming, answer: SinkResponse, attempts: int) -> Delivery:
        """Write one; anything but DELIVERED says why it is not there."""


class Counts(Protocol):
    """What is counted."""

    def delivered(self, topic: str) -> None:
        """An event is done."""

    def retried(self, topic: str, events: int) -> None:
        """Events are delivered again."""

    def dead_lettered(self, topic: str, status: int | None) -> None:
        """An event was given up."""

    def sink_answered(self, *, away: bool) -> None:
        """The function looked at what it was sent, or is away."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """Delivers the events of one partition, in their order."""

    sink: EventSink
    box: Box
    retry_policy: RetryPolicy
    counts: Counts
    halt: Flag
    seconds: Callable[[], float] = time.monotonic

    def __call__(self, events: Sequence[Incoming]) -> Iterator[Incoming]:
        """Yield each event when it and all before it are done or given up, in order.

        No request holds two events of one key: the later one would have been handled already when
        the earlier one fails and must be delivered again.

        Raises:
            Halted: the flag went up, and the events that were not yielded may be unfinished.
        """
        waiting, settled = deque(events), set[int]()
        for unreadable in (event for event in events if event.fault is not None):
            refused = SinkResponse(
                DeliveryResult.REJECTED, extensions={REASON: str(unreadable.fault)}
            )
            self._give_up(unreadable, refused, 0)
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
            self._go_on()
            answers = self.sink.batch(events)
            nobody_there = all(
                answer.result is DeliveryResult.UNAVAILABLE
                for answer in ([answers] if isinstance(answers, SinkResponse) else answers)
            )
            self.counts.sink_answered(away=nobody_there)
            if not nobody_there:
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
            self._give_up(event, answer, tried)

    def _one(self, event: Incoming) -> SinkResponse:
        self._go_on()
        answer = self.sink.one(event)
        self.counts.sink_answered(away=answer.result is DeliveryResult.UNAVAILABLE)
        return answer

    def _give_up(self, event: Incoming, answer: SinkResponse, tried: int) -> None:
        place = {"topic": event.topic, "partition": event.partition, "offset": event.offset}
        while (put := self.box.put(event, answer, tried)).outcome is not Outcome.DELIVERED:
            # An offset is not committed before its dead letter is kept: the partition waits.
            _log.error("source.dead_letter_not_kept", reason=put.reason, **place)
            self._wait(LETTER_PAUSE)
        self.counts.dead_lettered(event.topic, answer.status)
        _log.error("source.dead_lettered", status=answer.status, attempts=tried, **place)

    def _go_on(self) -> None:
        if self.halt.is_set():
            raise Halted

    def _wait(self, seconds: float) -> None:
        if self.halt.wait(seconds):
            raise Halted


def _rounds(events: Sequence[Incoming]) -> list[list[Incoming]]:
    """The n-th event of each key stands in round n; an event without a key keeps no order."""
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
