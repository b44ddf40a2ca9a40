"""A process that leases its own new events to itself keeps the order of each key."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.events.event import Event
from risksentinel.ports.publishing import PendingEvent
from tests.adapters.ledger.test_outbox_order import LEASE, Relays
from tests.adapters.sql.samples import event
from tests.stores import sql_store


@dataclass(slots=True)
class Own:
    """The inbox of a process."""

    until: datetime
    leased: list[PendingEvent] = field(default_factory=list)
    all_of_them: bool = False

    def lease(self) -> datetime:
        """Until when."""
        return self.until

    def carries(self, topic: str) -> bool:
        """Every topic."""
        return self.stores(topic)

    def stores(self, topic: str) -> bool:
        """Every topic."""
        return bool(topic)

    def committed(
        self, leased: Sequence[PendingEvent], waiting: Collection[str], unstored: Sequence[Event]
    ) -> None:
        """Store the committed events."""
        assert not unstored
        self.leased, self.all_of_them = list(leased), not waiting


class RelaysOfOwn(Relays):
    """The relays of the contract; some of them send their own events at once."""

    engine: ClassVar[Engine]

    @rule(keys=st.lists(st.sampled_from("ab"), min_size=1, max_size=4))
    def enqueue_and_send(self, keys: Sequence[str]) -> None:
        """A process that leases its own events gets those that overtake no other."""
        events = [event(f"ev-{self.enqueued + place}", key) for place, key in enumerate(keys)]
        self.enqueued += len(events)
        inbox = Own(self.now + LEASE)

        with SqlLedger(self.engine, inbox).unit() as unit:
            unit.enqueue(events)

        waiting = set(self.model.keys.values())
        own = [each.id for each in events if each.key not in waiting]
        if self.engine.dialect.name != "postgresql":
            own = []
        assert [each.event.id for each in inbox.leased] == own
        assert inbox.all_of_them == (len(own) == len(events))
        self.model.keys |= {each.id: each.key for each in events}
        self.model.held |= dict.fromkeys(own, self.now + LEASE)
        self.leased |= {each.event.id: each for each in inbox.leased}


def test_relays_of_own_events_keep_the_order_of_each_key(database: Engine) -> None:
    """Consumers rely on the order of a sender's payments, also when relays fail or stop."""

    class OnThisDatabase(RelaysOfOwn):
        engine = database
        empty_store = staticmethod(lambda: sql_store(database))

    effort = settings(max_examples=20, stateful_step_count=30, deadline=None)

    run_state_machine_as_test(OnThisDatabase, settings=effort)
