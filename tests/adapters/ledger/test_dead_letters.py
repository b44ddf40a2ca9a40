"""The contract of `ports.DeadLetters`: in memory, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.errors import NotFound
from risksentinel.events.event import Event
from risksentinel.ports.publishing import DeadLetters, Delivery, Outcome
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.samples import NOW, event
from tests.stores import Store

LATER = NOW + timedelta(hours=1)


def bury(store: Store, *events: Event) -> DeadLetters:
    """Put events into the outbox and make dead letters of them, one a minute."""
    outbox = store.outbox
    with store.ledger.unit() as unit:
        unit.enqueue(events)
    for minute, each in enumerate(outbox.lease(99, NOW, LATER)):
        gone = Delivery(Outcome.FAILED, f"no answer to {each.event.id}", None)
        outbox.settle([], {}, {each.number: gone}, NOW + timedelta(minutes=minute))
    return store.letters


def test_letters_are_listed_newest_first(store: Store) -> None:
    """An operator starts with the newest letter."""
    letters = bury(store, event("ev-1"), event("ev-2", topic="alerts.raised"), event("ev-3"))

    assert [each.event.id for each in letters.list(None, 2)] == ["ev-3", "ev-2"]
    assert [each.event.id for each in letters.list("transactions.scored", 9)] == ["ev-3", "ev-1"]


def test_a_letter_can_be_shown(store: Store) -> None:
    """The reason and the event show what must be corrected first."""
    letters = bury(store, event("ev-1"))
    (letter,) = letters.list(None, 9)

    assert letters.show(letter.id) == letter
    assert letter.reason == "no answer to ev-1"


def test_a_replay_publishes_again_in_the_old_order_with_new_attempts(store: Store) -> None:
    """A replayed event must start with 0 attempts, and in the old order."""
    letters = bury(store, event("ev-1"), event("ev-2"), event("ev-3"))
    three, two, _ = letters.list(None, 9)

    replayed = letters.replay([three.id, two.id, three.id], LATER)

    pending = store.outbox.lease(9, LATER, LATER)
    assert replayed == 2
    assert [(each.event, each.attempts) for each in pending] == [
        (event("ev-2"), 0),
        (event("ev-3"), 0),
    ]
    assert [each.event.id for each in letters.list(None, 9)] == ["ev-1"]


def test_a_replay_of_one_that_is_not_there_replays_none(store: Store) -> None:
    """A partial replay would need manual cleanup."""
    letters = bury(store, event("ev-1"))
    (letter,) = letters.list(None, 9)

    with pytest.raises(NotFound):
        letters.replay([letter.id, "999999999"], LATER)

    assert letters.list(None, 9) == [letter]
    assert store.outbox.depth() == 0


@EFFORT
@given(st.text())
def test_no_id_that_was_never_given_is_found(
    empty_store: Callable[[], Store], letter_id: str
) -> None:
    """Operators paste ids by hand."""
    letters = empty_store().letters

    with pytest.raises(NotFound):
        letters.show(f"{letter_id}!")
    with pytest.raises(NotFound):
        letters.replay([f"٣{letter_id}"], NOW)
