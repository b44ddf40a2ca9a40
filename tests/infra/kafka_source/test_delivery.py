from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event as Flag

import pytest

from infra.kafka_source import delivery
from infra.kafka_source.delivery import Deliver, Halted
from infra.kafka_source.incoming import Incoming
from infra.kafka_source.metrics import SourceMetrics
from infra.kafka_source.options import RetryPolicy
from infra.kafka_source.sink_responses import DeliveryResult, SinkResponse
from risksentinel.ports.publishing import Delivery, Outcome

DONE = SinkResponse(DeliveryResult.DONE, 204)
REFUSED = SinkResponse(DeliveryResult.REJECTED, 422)
AWAY = SinkResponse(DeliveryResult.UNAVAILABLE, 503)


@dataclass
class ScriptedSink:
    """Responds with the scripted responses, then with 204."""

    answers: Iterator[SinkResponse] = field(default_factory=lambda: iter(()))
    requests: list[list[int]] = field(default_factory=list)

    def one(self, event: Incoming) -> SinkResponse:
        """Deliver one event."""
        self.requests.append([event.offset])
        return next(self.answers, DONE)

    def batch(self, events: Sequence[Incoming]) -> list[SinkResponse] | SinkResponse:
        """Deliver several events."""
        self.requests.append([event.offset for event in events])
        return [next(self.answers, DONE) for _ in events]


@dataclass
class ScriptedBox:
    """Stores a dead letter with the last of the scripted outcomes."""

    outcomes: Iterator[Outcome] = field(default_factory=lambda: iter(()))
    puts: list[tuple[int, int]] = field(default_factory=list)

    def put(self, event: Incoming, answer: SinkResponse, attempts: int) -> Delivery:
        """Try to store a dead letter."""
        assert answer.result is not DeliveryResult.DONE
        self.puts.append((event.offset, attempts))
        return Delivery(next(self.outcomes, Outcome.DELIVERED))


def event(offset: int, key: bytes | None = b"k") -> Incoming:
    """Return an event at this offset."""
    return Incoming("t", 0, offset, key, {"id": str(offset)}, None, b"")


def deliver(sink: ScriptedSink, box: ScriptedBox, halt: Flag | None = None) -> Deliver:
    """Return a Deliver with short pauses."""
    retry_policy = RetryPolicy(retries=2, delay=0.0001, outage=0.05, max_pause=0.001)
    return Deliver(sink, box, retry_policy, SourceMetrics("g"), halt or Flag())


def test_a_partition_waits_until_its_dead_letter_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The offset is committed after the dead letter is stored, or the event would be lost."""
    monkeypatch.setattr(delivery, "LETTER_PAUSE", 0.001)
    box = ScriptedBox(iter([Outcome.FAILED, Outcome.HELD, Outcome.REFUSED]))

    done = list(deliver(ScriptedSink(iter([REFUSED])), box)([event(7)]))

    assert done == [event(7)]
    assert box.puts == [(7, 1)] * 4


def test_no_request_has_two_events_of_a_key() -> None:
    """Otherwise the later event would be handled before the retry of the earlier one."""
    sink = ScriptedSink()
    events = [event(0, b"a"), event(1, b"b"), event(2, b"a"), event(3, None), event(4, None)]

    done = list(deliver(sink, ScriptedBox())(events))

    assert sink.requests == [[0, 1, 3, 4], [2]]
    assert done == events


def test_a_batch_is_retried_as_a_whole_during_an_outage() -> None:
    """During an outage a batch is retried as a whole, not event by event."""
    sink = ScriptedSink(iter([AWAY, AWAY, AWAY, AWAY]))
    events = [event(0, b"a"), event(1, b"b")]

    done = list(deliver(sink, ScriptedBox())(events))

    assert sink.requests == [[0, 1]] * 3
    assert done == events


def test_the_outage_limit_dead_letters_the_first_event() -> None:
    """After the outage limit the first event is dead-lettered: it may cause the failure."""
    box = ScriptedBox()

    done = list(deliver(ScriptedSink(iter([AWAY] * 1000)), box)([event(0)]))

    assert done == [event(0)]
    assert [offset for offset, _ in box.puts] == [0]


def test_a_halted_worker_sends_no_request() -> None:
    """A halted worker sends no request, because the partition may belong to another source."""
    sink, halt = ScriptedSink(), Flag()
    halt.set()

    for events in ([event(0)], [event(0, b"a"), event(1, b"b")]):
        with pytest.raises(Halted):
            list(deliver(sink, ScriptedBox(), halt)(events))

    assert sink.requests == []
