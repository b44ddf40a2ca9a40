"""UnitEvents: the events of one unit, for the outbox and for the relay of this process."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.driver_values import Values
from risksentinel.adapters.sql.event_rows import event_row
from risksentinel.adapters.sql.own_events import reserve
from risksentinel.adapters.sql.relay_inbox import RelayInbox
from risksentinel.events.event import Event
from risksentinel.ports.publishing import PendingEvent


@dataclass(slots=True)
class UnitEvents:
    """Events are leased to this process where `lease`, the end of the lease, is given.

    After the insert `leased` has the leased events, `waiting` the topics of the others. `unstored`
    has the events of topics that the outbox does not store.
    """

    inbox: RelayInbox | None
    lease: datetime | None
    leased: list[PendingEvent] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    unstored: list[Event] = field(default_factory=list)
    _stored: list[Event] = field(default_factory=list)

    def carries(self, topic: str) -> bool:
        """Whether anything takes the events of the topic; otherwise they need not be made."""
        return self.inbox is None or self.inbox.carries(topic)

    def add(self, events: Sequence[Event]) -> None:
        """Add events, in this order."""
        for event in events:
            of_outbox = self.inbox is None or self.inbox.stores(event.topic)
            (self._stored if of_outbox else self.unstored).append(event)

    def rows(self) -> list[Values]:
        """The rows for the outbox, with the end of the lease if there is one, as last column."""
        if self.lease is None:
            return [event_row(event) for event in self._stored]
        return [{**event_row(event), "held_until": self.lease} for event in self._stored]

    def hand_over(self) -> None:
        """Tell the relay of this process about the commit."""
        if self.inbox is not None and (self.leased or self.waiting or self.unstored):
            self.inbox.committed(self.leased, self.waiting, self.unstored)

    def inserted_free(self) -> None:
        """The rows were inserted without a lease."""
        self.waiting.update(event.topic for event in self._stored)

    def inserted(self, numbers: Sequence[tuple[int, bool]]) -> None:
        """The rows have these numbers; the second value says whether an event was leased."""
        for event, (number, mine) in zip(self._stored, numbers, strict=True):
            if mine and self.lease is not None:
                self.leased.append(PendingEvent(number, event, 0, self.lease))
            else:
                self.waiting.add(event.topic)

    def reserved_rows(self, line: Line) -> list[Values]:
        """The rows with their numbers, leased where no earlier event of the key waits."""
        reserved = reserve(line, [(event.topic, event.key) for event in self._stored])
        numbers = [
            (number, (event.topic, event.key) not in reserved.waiting)
            for number, event in zip(reserved.numbers, self._stored, strict=True)
        ]
        self.inserted(numbers)
        return [
            {"number": number, **row, "held_until": self.lease if mine else None}
            for (number, mine), row in zip(numbers, self.rows(), strict=True)
        ]
