from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from risksentinel.errors import Unavailable
from risksentinel.events import transaction_received
from risksentinel.events.event import Event
from risksentinel.ports.publishing import Delivery, Outcome
from risksentinel.usecases.relay_outbox import BackOff, RelayOutbox
from tests.stores import Store
from tests.strategies import NOW
from tests.usecases.payments import paid

BACK_OFF = BackOff(attempts=3, delay=timedelta(seconds=1))


@dataclass
class Broker:
    """Answers as configured; DELIVERED by default."""

    answers: dict[str, list[Delivery]] = field(default_factory=dict)
    away: bool = False
    seen: list[str] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Return one delivery for each event."""
        if self.away:
            raise Unavailable("broker")
        return [self._answer(event.subject) for event in events]

    def _answer(self, name: str) -> Delivery:
        self.seen.append(name)
        left = self.answers.get(name)
        return left.pop(0) if left else Delivery(Outcome.DELIVERED)


@dataclass
class SetClock:
    """A clock that is set by hand."""

    time: datetime = NOW

    def __call__(self) -> datetime:
        """Return the time that was set."""
        return self.time


@pytest.fixture
def enqueue(memory: Store) -> Callable[..., None]:
    """Put events of payments into the outbox."""

    def put(*names: str, sender: str = "A") -> None:
        with memory.ledger.unit() as unit:
            unit.enqueue(
                [transaction_received.encode(paid(name, sender=sender), "/s") for name in names]
            )

    return put


FAILED = Delivery(Outcome.FAILED, "busy", 503)


def test_what_is_delivered_is_gone(memory: Store, enqueue: Callable[..., None]) -> None:
    """Delivered events must leave the outbox, or it would grow without limit."""
    broker, outbox = Broker(), memory.outbox
    enqueue("t1", "t2")

    relayed = RelayOutbox(outbox, broker, SetClock(), BACK_OFF)()

    assert relayed.delivered == 2
    assert broker.seen == ["t1", "t2"]
    assert outbox.depth() == 0


def test_a_failure_waits_longer_each_time_then_goes_to_the_dead_letters(
    memory: Store, enqueue: Callable[..., None]
) -> None:
    """Knative's exponential policy: delay x 2^n, then a dead letter with the reason."""
    broker, clock = Broker({"t1": [FAILED] * 9}), SetClock()
    relay = RelayOutbox(memory.outbox, broker, clock, BACK_OFF)
    enqueue("t1")

    tried = []
    for second in range(40):
        clock.time = NOW + timedelta(seconds=second)
        before = len(broker.seen)
        relay()
        tried += [second] * (len(broker.seen) - before)

    (letter,) = memory.letters.list(None, 10)
    assert tried == [0, 2, 6, 14]
    assert (letter.reason, letter.code, letter.attempts) == ("busy", 503, 4)
    assert memory.outbox.depth() == 0


def test_a_refusal_is_a_dead_letter_at_once(memory: Store, enqueue: Callable[..., None]) -> None:
    """An event that no retry helps must not delay its sender."""
    broker = Broker({"t1": [Delivery(Outcome.REFUSED, "malformed", 422)]})
    enqueue("t1", "t2")

    relayed = RelayOutbox(memory.outbox, broker, SetClock(), BACK_OFF)()

    assert (relayed.delivered, relayed.dead) == (1, 1)
    assert [letter.reason for letter in memory.letters.list(None, 10)] == ["malformed"]


def test_a_replayed_dead_letter_starts_afresh(memory: Store, enqueue: Callable[..., None]) -> None:
    """After the correction the event is published like a new one."""
    broker = Broker({"t1": [Delivery(Outcome.REFUSED, "malformed", 422)]})
    relay = RelayOutbox(memory.outbox, broker, SetClock(), BACK_OFF)
    enqueue("t1")
    relay()
    letters = memory.letters
    (letter,) = letters.list(None, 10)

    replayed = letters.replay([letter.id], NOW)
    relay()

    assert replayed == 1
    assert broker.seen == ["t1", "t1"]
    assert letters.list(None, 10) == []


def test_an_absent_broker_costs_no_attempts(memory: Store, enqueue: Callable[..., None]) -> None:
    """An outage of minutes must fill the outbox, not the dead letters."""
    broker = Broker(away=True)
    relay = RelayOutbox(memory.outbox, broker, SetClock(), BACK_OFF)
    enqueue("t1")
    for _ in range(20):
        with pytest.raises(Unavailable):
            relay()
    broker.away = False

    relayed = relay()

    assert relayed.delivered == 1


def test_a_senders_later_event_waits_for_the_one_that_failed(
    memory: Store, enqueue: Callable[..., None]
) -> None:
    """Order per sender holds across attempts; other senders continue."""
    broker, clock = Broker({"t1": [FAILED]}), SetClock()
    relay = RelayOutbox(memory.outbox, broker, clock, BACK_OFF)
    enqueue("t1", sender="A")
    enqueue("u1", sender="B")
    relay()
    enqueue("t2", sender="A")
    relay()
    early = list(broker.seen)
    clock.time = NOW + timedelta(seconds=5)
    relay()
    relay()

    assert early == ["t1", "u1"]
    assert broker.seen == ["t1", "u1", "t1", "t2"]


def test_a_publisher_with_a_bug_ends_in_the_dead_letters_not_in_a_loop(
    memory: Store, enqueue: Callable[..., None]
) -> None:
    """An unexpected error must become visible, and must not block the outbox."""

    class Broken:
        def publish(self, events: Sequence[Event]) -> list[Delivery]:
            raise ZeroDivisionError(len(events))

    clock = SetClock()
    relay = RelayOutbox(memory.outbox, Broken(), clock, BACK_OFF)
    enqueue("t1")

    for second in range(40):
        clock.time = NOW + timedelta(seconds=second)
        relay()

    (letter,) = memory.letters.list(None, 10)
    assert "ZeroDivisionError" in letter.reason


def test_waiting_grows_up_to_a_limit() -> None:
    """Sixteen doublings of a second are eighteen hours, which is too long."""
    patient = BackOff(attempts=16, delay=timedelta(seconds=1), longest=timedelta(minutes=10))

    waits = [patient.next(attempt, NOW) for attempt in range(1, 18)]

    assert waits[0] == NOW + timedelta(seconds=2)
    assert waits[15] == NOW + timedelta(minutes=10)
    assert waits[16] is None
