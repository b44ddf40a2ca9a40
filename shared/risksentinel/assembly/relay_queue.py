"""RelayQueue: committed outbox events, in memory, on the way to the relay of this process."""

from collections import deque
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from threading import Event as WakeUp
from typing import Final

from risksentinel.events.event import Event
from risksentinel.ports.environment import Clock
from risksentinel.ports.publishing import PendingEvent
from risksentinel.usecases.relay_outbox import LEASE

MAX_QUEUED: Final = 5_000
# The time to publish an event and to delete it from the outbox.
MIN_LEASE_LEFT: Final = timedelta(seconds=10)


class RelayQueue:
    """Meets `RelayInbox`: passes leased events to the relay, which need not query the outbox.

    Every event is also a row of the outbox: an event that is lost with the process, or whose lease
    is about to end, is published by the next sweep after the lease.
    """

    def __init__(self, clock: Clock) -> None:
        self.wake_up: Final = WakeUp()
        self._clock = clock
        self._queued: deque[PendingEvent] = deque()
        self._missed = False

    def lease(self) -> datetime | None:
        """The end of a lease that starts now; None while the queue is full."""
        return self._clock() + LEASE if len(self._queued) < MAX_QUEUED else None

    def carries(self, topic: str) -> bool:
        """True: the broker takes the events of every topic."""
        return self.stores(topic)

    def stores(self, _topic: str) -> bool:
        """True: the outbox stores every event until the broker has it."""
        return True

    def committed(
        self,
        leased: Sequence[PendingEvent],
        waiting: Collection[str],
        _unstored: Sequence[Event],
    ) -> None:
        """Take the events of a commit, and wake the relay."""
        self.put(leased, all_of_them=not waiting)
        self.wake_up.set()

    def put(self, leased: Sequence[PendingEvent], *, all_of_them: bool) -> None:
        """Add committed events; `all_of_them` is false if some are only in the outbox."""
        self._queued.extend(leased)
        if not all_of_them:
            self._missed = True

    def take(self, most: int) -> list[PendingEvent]:
        """Remove and return the `most` oldest events; drop those whose lease is about to end."""
        now, taken = self._clock(), list[PendingEvent]()
        while self._queued and len(taken) < most:
            one = self._queued.popleft()
            if one.held_until - now > MIN_LEASE_LEFT:
                taken.append(one)
        return taken

    def missed_events(self) -> bool:
        """Whether a commit since the last call left events that are only in the outbox."""
        missed, self._missed = self._missed, False
        return missed
