"""RelayQueue: announcements on their way from this process's commits to its relay."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event as WakeUp
from typing import Final

from risksentinel.ports.announcements import PendingEvent
from risksentinel.ports.environment import Clock
from risksentinel.usecases.relay_outbox import LEASE

MAX_QUEUED: Final = 5_000
MIN_LEASE_LEFT: Final = timedelta(seconds=10)  # of a lease, to publish and to settle within


class RelayQueue:
    """What a unit leases to its own process needs no looking for: it goes straight out.

    Whatever is lost with the process, or waits here for too long, is in the outbox all the same:
    its lease ends, and a sweep finds it.
    """

    def __init__(self, clock: Clock) -> None:
        self.wake_up: Final = WakeUp()
        self._clock = clock
        self._waiting: deque[PendingEvent] = deque()
        self._left = False

    def lease(self) -> datetime | None:
        """Until when a unit may lease its announcements to us; None while too many wait here."""
        return self._clock() + LEASE if len(self._waiting) < MAX_QUEUED else None

    def put(self, leased: Sequence[PendingEvent], *, all_of_them: bool) -> None:
        """Take what was committed; what was not leased to us must be looked for in the outbox."""
        self._waiting.extend(leased)
        if not all_of_them:
            self._left = True

    def take(self, most: int) -> list[PendingEvent]:
        """The oldest ones whose lease lasts long enough."""
        now, taken = self._clock(), list[PendingEvent]()
        while self._waiting and len(taken) < most:
            one = self._waiting.popleft()
            if one.held_until - now > MIN_LEASE_LEFT:
                taken.append(one)
        return taken

    def missed_events(self) -> bool:
        """Whether something was committed since the last time that we must look for."""
        left, self._left = self._left, False
        return left
