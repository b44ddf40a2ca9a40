from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.assembly.broker_relay import BrokerRelay
from risksentinel.assembly.relay_queue import MAX_QUEUED, MIN_LEASE_LEFT, RelayQueue
from risksentinel.events.event import Event
from risksentinel.ports.publishing import Delivery, Outcome, PendingEvent
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.relay_outbox import LEASE, MAX_AT_ONCE, BackOff, RelayOutbox
from tests.adapters.sql.conftest import postgres_engine, postgres_url
from tests.adapters.sql.samples import NOW, event

__all__ = ["postgres_engine", "postgres_url"]


class Broker:
    """A broker that accepts every event and stores its id."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Deliver the events."""
        self.seen += [each.id for each in events]
        return [Delivery(Outcome.DELIVERED)] * len(events)


def pending(number: int, until: datetime) -> PendingEvent:
    """A leased outbox event."""
    return PendingEvent(number, event(f"ev-{number}"), 0, until)


def test_an_event_whose_lease_is_about_to_end_is_left_to_the_sweep() -> None:
    """After the lease another process may publish the event."""
    queue = RelayQueue(lambda: NOW)
    queue.put([pending(1, NOW + MIN_LEASE_LEFT), pending(2, NOW + LEASE)], all_of_them=True)

    assert [each.number for each in queue.take(9)] == [2]
    assert queue.take(9) == []


def test_a_full_queue_grants_no_lease() -> None:
    """The queue is limited; other events stay in the outbox."""
    queue = RelayQueue(lambda: NOW)
    queue.put([pending(number, NOW + LEASE) for number in range(MAX_QUEUED)], all_of_them=True)

    assert queue.lease() is None
    queue.take(1)
    assert queue.lease() == NOW + LEASE


def test_the_events_of_this_process_are_published_without_a_query_of_the_outbox(
    postgres_engine: Engine,
) -> None:
    """Only an event behind another event of its key waits for a sweep of the outbox."""
    clock, broker = lambda: NOW, Broker()
    queue, outbox = RelayQueue(clock), SqlOutbox(postgres_engine)
    relay = BrokerRelay(
        RelayOutbox(outbox, broker, clock, BackOff()), queue, outbox.depth, FunctionMetrics("test")
    )
    for name, key in (("ev-1", "a"), ("ev-2", "a"), ("ev-3", "b")):
        with SqlLedger(postgres_engine, queue).unit() as unit:
            unit.enqueue([event(name, key)])

    first = relay()
    seen_first = list(broker.seen)
    relay()

    assert first.delivered == 2
    assert seen_first == ["ev-1", "ev-3"]
    assert broker.seen == ["ev-1", "ev-3", "ev-2"]
    assert outbox.depth() == 0


def test_one_pass_empties_the_queue(postgres_engine: Engine) -> None:
    """A process that stops makes few passes; an event in the queue waits for its lease to end."""
    clock, broker, outbox = lambda: NOW, Broker(), SqlOutbox(postgres_engine)
    queue = RelayQueue(clock)
    with SqlLedger(postgres_engine, queue).unit() as unit:
        unit.enqueue([event(f"ev-{n}", f"key-{n}") for n in range(2 * MAX_AT_ONCE)])
    relay = BrokerRelay(
        RelayOutbox(outbox, broker, clock, BackOff()), queue, outbox.depth, FunctionMetrics("test")
    )

    relay()

    assert broker.seen == [f"ev-{n}" for n in range(2 * MAX_AT_ONCE)]
    assert outbox.depth() == 0


def test_an_event_that_a_crash_left_is_published_when_its_lease_ends(
    postgres_engine: Engine,
) -> None:
    """A process may crash between the commit and the publication."""
    with SqlLedger(postgres_engine, RelayQueue(lambda: NOW)).unit() as unit:
        unit.enqueue([event("ev-1")])
    broker, outbox = Broker(), SqlOutbox(postgres_engine)

    early = RelayOutbox(outbox, broker, lambda: NOW, BackOff())()
    late = RelayOutbox(outbox, broker, lambda: NOW + LEASE + timedelta(seconds=1), BackOff())()

    assert (early.delivered, late.delivered) == (0, 1)
    assert broker.seen == ["ev-1"]


@pytest.mark.parametrize("held", [True, False])
def test_has_pending_is_true_while_an_event_waits(postgres_engine: Engine, *, held: bool) -> None:
    """The thread then makes the next pass after 0.1 s, not after 1 s."""
    outbox, queue = SqlOutbox(postgres_engine), RelayQueue(lambda: NOW)
    if held:
        with SqlLedger(postgres_engine, RelayQueue(lambda: NOW)).unit() as unit:
            unit.enqueue([event("ev-1")])
    relay = BrokerRelay(
        RelayOutbox(outbox, Broker(), lambda: NOW, BackOff()),
        queue,
        outbox.depth,
        FunctionMetrics("test"),
    )

    relay()

    assert relay.has_pending is held
