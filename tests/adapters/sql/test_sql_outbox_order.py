from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine

from risksentinel.adapters.sql_ledger import SqlLedger
from risksentinel.adapters.sql_outbox import SqlOutbox
from risksentinel.ports import Delivery, Outcome, PendingEvent
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, event

LEASE = timedelta(seconds=20)
DEAD = Delivery(Outcome.REFUSED, "malformed", 422)


@dataclass(slots=True)
class SlowOutbox:
    """The promise of a lease, word for word."""

    keys: dict[str, str] = field(default_factory=dict)  # of what waits, oldest first
    held: dict[str, datetime] = field(default_factory=dict)

    def lease(self, most: int, now: datetime) -> list[str]:
        """The oldest that are not held, nor behind one of their key that is."""
        stopped: set[str] = set()
        taken: list[str] = []
        for name, key in self.keys.items():
            if self.held.get(name, now) > now:
                stopped.add(key)
            elif key not in stopped and len(taken) < most:
                taken.append(name)
        self.held |= dict.fromkeys(taken, now + LEASE)
        return taken


class Relays(RuleBasedStateMachine):
    """Relays that announce, lease, settle, give back, fall silent: in any order."""

    engine: ClassVar[Engine]

    def __init__(self) -> None:
        super().__init__()
        self.outbox = SqlOutbox(emptied(self.engine))
        self.model = SlowOutbox()
        self.leased: dict[str, PendingEvent] = {}
        self.now = NOW
        self.announced = 0

    @rule(keys=st.lists(st.sampled_from("ab"), min_size=1, max_size=4))
    def announce(self, keys: Sequence[str]) -> None:
        """Somebody scored payments of these senders."""
        events = [event(f"ev-{self.announced + place}", key) for place, key in enumerate(keys)]
        self.announced += len(events)
        with SqlLedger(self.outbox.engine).unit() as unit:
            unit.announce(events)
        self.model.keys |= {each.id: each.key for each in events}

    @rule(most=st.integers(1, 4))
    def lease(self, most: int) -> None:
        """A relay takes work: just what the promise says."""
        leased = self.outbox.lease(most, self.now, self.now + LEASE)

        assert [each.event.id for each in leased] == self.model.lease(most, self.now)
        self.leased |= {each.event.id: each for each in leased}

    @rule(seconds=st.integers(1, 30))
    def wait(self, seconds: int) -> None:
        """Time goes by, and leases end."""
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.leased)
    @rule(data=st.data(), how=st.sampled_from(["deliver", "bury"]))
    def end(self, data: st.DataObject, how: str) -> None:
        """A relay has delivered, or given up."""
        name, number = self._one_of_the_leased(data)
        delivered, dead = ([number], {}) if how == "deliver" else ([], {number: DEAD})

        self.outbox.settle(delivered, {}, dead, self.now)

        self.model.keys.pop(name, None)
        assert self.outbox.depth() == len(self.model.keys)

    @precondition(lambda self: self.leased)
    @rule(data=st.data(), seconds=st.integers(1, 60))
    def postpone(self, data: st.DataObject, seconds: int) -> None:
        """A consumer is down."""
        name, number = self._one_of_the_leased(data)
        due = self.now + timedelta(seconds=seconds)

        self.outbox.settle([], {number: due}, {}, self.now)

        self.model.held[name] = due

    @precondition(lambda self: self.leased)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """A relay gives back what it did not try."""
        name, number = self._one_of_the_leased(data)

        self.outbox.release([number])

        self.model.held.pop(name, None)

    def _one_of_the_leased(self, data: st.DataObject) -> tuple[str, int]:
        name = data.draw(st.sampled_from(sorted(self.leased)))
        return name, self.leased.pop(name).number


def test_whatever_relays_do_each_sender_keeps_its_order(database: Engine) -> None:
    """Consumers build on the order of a sender's payments, whoever fails or dies on the way."""

    class OnThisDatabase(Relays):
        engine = database

    effort = settings(max_examples=40, stateful_step_count=30)

    run_state_machine_as_test(OnThisDatabase, settings=effort)
