"""The contract of `ports.Outbox`: in memory, on SQLite and on PostgreSQL."""

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.events.event import Event
from risksentinel.ports.publishing import Delivery, Outbox, Outcome, PendingEvent
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.samples import NOW, event, events
from tests.stores import Store

SOON = NOW + timedelta(seconds=30)
LATER = NOW + timedelta(seconds=60)
REFUSED = Delivery(Outcome.REFUSED, "malformed", 422)


def enqueue(store: Store, *enqueued: Event) -> Outbox:
    """Put events into the outbox."""
    with store.ledger.unit() as unit:
        unit.enqueue(enqueued)
    return store.outbox


def names(pending: list[PendingEvent]) -> list[str]:
    """The ids of the events."""
    return [each.event.id for each in pending]


@EFFORT
@given(st.lists(events, max_size=4))
def test_an_outbox_event_is_read_as_it_was_written(
    empty_store: Callable[[], Store], enqueued: list[Event]
) -> None:
    """A consumer must get the event that was committed."""
    outbox = enqueue(empty_store(), *enqueued)

    leased = outbox.lease(9, NOW, SOON)

    assert [each.event for each in leased] == enqueued
    assert [each.attempts for each in leased] == [0] * len(enqueued)


def test_the_oldest_are_leased_first(store: Store) -> None:
    """An event must not wait behind newer ones."""
    outbox = enqueue(store, *(event(f"ev-{number}", f"acc-{number}") for number in range(5)))

    first, second = outbox.lease(3, NOW, SOON), outbox.lease(3, NOW, SOON)

    assert names(first) == ["ev-0", "ev-1", "ev-2"]
    assert names(second) == ["ev-3", "ev-4"]


def test_a_leased_event_holds_up_its_key_only(store: Store) -> None:
    """A sender's events keep their order, and one sender does not delay others."""
    outbox = enqueue(store, event("ev-1", "acc-1"))
    outbox.lease(9, NOW, SOON)
    enqueue(store, event("ev-2", "acc-1"), event("ev-3", "acc-2"))

    assert names(outbox.lease(9, NOW, SOON)) == ["ev-3"]


def test_a_key_is_held_up_in_its_topic_only(store: Store) -> None:
    """Order is guaranteed within a topic, as in Kafka."""
    outbox = enqueue(store, event("ev-1", topic="transactions.scored"))
    outbox.lease(9, NOW, SOON)
    enqueue(store, event("ev-2", topic="alerts.raised"))

    assert names(outbox.lease(9, NOW, SOON)) == ["ev-2"]


def test_a_lease_ends_by_itself(store: Store) -> None:
    """The process with the lease may have crashed."""
    outbox = enqueue(store, event("ev-1"))

    outbox.lease(9, NOW, SOON)

    assert names(outbox.lease(9, SOON, LATER)) == ["ev-1"]


def test_a_postponed_event_comes_back_when_it_is_due_with_its_attempt_counted(
    store: Store,
) -> None:
    """A consumer that is down gets time to recover, with a limited number of attempts."""
    outbox = enqueue(store, event("ev-1"), event("ev-2"))
    number = outbox.lease(1, NOW, SOON)[0].number

    outbox.settle([], {number: LATER}, {}, NOW)

    assert outbox.lease(9, LATER - timedelta(microseconds=1), LATER) == []
    again, *_ = outbox.lease(9, LATER, LATER + timedelta(minutes=1))
    assert (again.event.id, again.attempts) == ("ev-1", 1)
    outbox.settle([number], {}, {}, LATER)
    later = LATER + timedelta(minutes=1)
    assert names(outbox.lease(9, later, later)) == ["ev-2"]


def test_a_released_event_can_be_leased_at_once(store: Store) -> None:
    """A process that shuts down releases events that it did not attempt."""
    outbox = enqueue(store, event("ev-1"))

    outbox.release([each.number for each in outbox.lease(9, NOW, SOON)])

    assert [each.attempts for each in outbox.lease(9, NOW, SOON)] == [0]


def test_settling_removes_the_delivered_and_buries_the_dead(store: Store) -> None:
    """A dead letter must not delay later events of its key, and must not be lost."""
    outbox = enqueue(store, event("ev-1"), event("ev-2"), event("ev-3"))
    one, two, _ = (each.number for each in outbox.lease(9, NOW, SOON))

    outbox.settle([one], {}, {two: REFUSED}, LATER)
    outbox.settle([one], {}, {two: REFUSED}, LATER)

    (letter,) = store.letters.list(None, 9)
    assert outbox.depth() == 1
    assert letter.event == event("ev-2")
    assert (letter.reason, letter.code, letter.attempts) == ("malformed", 422, 1)
    assert letter.died_at == LATER


def test_a_long_line_behind_one_event_goes_out_in_order(store: Store) -> None:
    """One busy key may wait for hours, with more events than one lease takes."""
    line = [event(f"{n:04}") for n in range(1203)]
    outbox = enqueue(store, *line)
    (head,) = outbox.lease(1, NOW, SOON)
    assert outbox.lease(500, NOW, SOON) == []

    outbox.settle([head.number], {}, {}, NOW)
    seen = [head.event.id]
    while leased := outbox.lease(500, NOW, SOON):
        outbox.settle([each.number for each in leased], {}, {}, NOW)
        seen += names(leased)

    assert seen == [each.id for each in line]


def test_a_number_is_never_given_twice(store: Store) -> None:
    """A slow relay must not settle another relay's event."""
    outbox = enqueue(store, event("ev-1"))
    (first,) = outbox.lease(9, NOW, SOON)
    outbox.settle([first.number], {}, {}, NOW)

    enqueue(store, event("ev-2"))

    (second,) = outbox.lease(9, NOW, SOON)
    assert second.number > first.number


def test_racing_leases_share_the_events_and_keep_the_order(store: Store) -> None:
    """Each process that scores also relays what others left."""
    outbox = enqueue(store, *(event(f"{n:03}", f"acc-{n % 7}") for n in range(210)))
    delivered: defaultdict[str, list[str]] = defaultdict(list)

    def deliver(_: int) -> None:
        while leased := outbox.lease(5, NOW, SOON):
            for each in leased:
                delivered[each.event.key].append(each.event.id)
            outbox.settle([each.number for each in leased], {}, {}, NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(deliver, range(6)))

    rest = [each.event for each in outbox.lease(999, NOW, SOON)]
    assert [each for each in delivered.values() if each != sorted(each)] == []
    everything = [each.id for each in rest] + list(chain.from_iterable(delivered.values()))
    assert sorted(everything) == [f"{n:03}" for n in range(210)]
