"""Events of one key stay in order, whatever relays do: the contract of `ports.Outbox`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from typing_extensions import override

from risksentinel.ports.publishing import Delivery, Outcome, PendingEvent
from tests.adapters.sql.samples import NOW, event
from tests.stores import Store

LEASE = timedelta(seconds=20)
DEAD = Delivery(Outcome.REFUSED, "malformed", 422)


@dataclass(slots=True)
class SlowOutbox:
    """A simple model of the waiting and the held events."""

    keys: dict[str, str] = field(default_factory=dict)  # of what waits, oldest first
    held: dict[str, datetime] = field(default_factory=dict)

    def may_go(self, now: datetime) -> list[str]:
        """The ids that are not held, nor behind a held one of their key; oldest first."""
        stopped: set[str] = set()
        free: list[str] = []
        for name, key in self.keys.items():
            if self.held.get(name, now) > now:
                stopped.add(key)
            elif key not in stopped:
                free.append(name)
        return free

    def in_order(self, leased: Sequence[str]) -> bool:
        """Whether all earlier events of the key were leased with each event, in order."""
        keys = {self.keys[name] for name in leased}
        return all(
            mine == [name for name, other in self.keys.items() if other == key][: len(mine)]
            for key in keys
            for mine in [[name for name in leased if self.keys[name] == key]]
        )


class Relays(RuleBasedStateMachine):
    """Relays that put, lease, settle, release or stop, in any order."""

    empty_store: ClassVar[Callable[[], Store]]

    def __init__(self) -> None:
        super().__init__()
        self.store = type(self).empty_store()
        self.outbox = self.store.outbox
        self.model = SlowOutbox()
        self.leased: dict[str, PendingEvent] = {}
        self.now = NOW
        self.enqueued = 0

    @rule(keys=st.lists(st.sampled_from("ab"), min_size=1, max_size=4))
    def enqueue(self, keys: Sequence[str]) -> None:
        """Scored payments of these senders put events into the outbox."""
        events = [event(f"ev-{self.enqueued + place}", key) for place, key in enumerate(keys)]
        self.enqueued += len(events)
        with self.store.ledger.unit() as unit:
            unit.enqueue(events)
        self.model.keys |= {each.id: each.key for each in events}

    @rule(most=st.integers(1, 4))
    def lease(self, most: int) -> None:
        """A relay leases: the oldest free event is included, and no event overtakes another."""
        may_go = self.model.may_go(self.now)

        leased = {each.event.id: each for each in self._lease(most)}

        assert len(leased) <= most
        assert set(may_go[:1]) <= set(leased) <= set(may_go)
        assert self.model.in_order(list(leased))
        self.leased |= leased

    @rule(seconds=st.integers(1, 30))
    def wait(self, seconds: int) -> None:
        """Time passes, and leases end."""
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.leased)
    @rule(data=st.data(), how=st.sampled_from(["deliver", "bury"]))
    def end(self, data: st.DataObject, how: str) -> None:
        """A relay has published an event, or made it a dead letter."""
        name, number = self._one_of_the_leased(data)
        delivered, dead = ([number], {}) if how == "deliver" else ([], {number: DEAD})

        self.outbox.settle(delivered, {}, dead, self.now)

        self.model.keys.pop(name, None)
        assert self.outbox.depth() == len(self.model.keys)

    @precondition(lambda self: self.leased)
    @rule(data=st.data(), seconds=st.integers(1, 60))
    def postpone(self, data: st.DataObject, seconds: int) -> None:
        """A consumer is unavailable."""
        name, number = self._one_of_the_leased(data)
        due = self.now + timedelta(seconds=seconds)

        self.outbox.settle([], {number: due}, {}, self.now)

        self.model.held[name] = due

    @precondition(lambda self: self.leased)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """A relay releases an event that it did not attempt."""
        name, number = self._one_of_the_leased(data)

        self.outbox.release([number])

        self.model.held.pop(name, None)

    @override
    def teardown(self) -> None:
        """In the end every event is published, in order."""
        self.now += timedelta(hours=1)
        while leased := self._lease(3):
            assert self.model.in_order([each.event.id for each in leased])
            self.outbox.settle([each.number for each in leased], {}, {}, self.now)
            for each in leased:
                del self.model.keys[each.event.id]
        assert self.outbox.depth() == len(self.model.keys) == 0

    def _lease(self, most: int) -> list[PendingEvent]:
        leased = self.outbox.lease(most, self.now, self.now + LEASE)
        self.model.held |= dict.fromkeys((each.event.id for each in leased), self.now + LEASE)
        return leased

    def _one_of_the_leased(self, data: st.DataObject) -> tuple[str, int]:
        name = data.draw(st.sampled_from(sorted(self.leased)))
        return name, self.leased.pop(name).number


def test_relays_keep_the_order_of_each_key(empty_store: Callable[[], Store]) -> None:
    """Consumers rely on the order of a sender's payments, also when relays fail or stop."""
    factory = empty_store

    class OnThisStore(Relays):
        empty_store = staticmethod(factory)

    effort = settings(max_examples=20, stateful_step_count=30, deadline=None)

    run_state_machine_as_test(OnThisStore, settings=effort)
