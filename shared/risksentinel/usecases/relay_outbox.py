"""RelayOutbox: publishes committed events in order, or moves them to the dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from risksentinel.errors import Unavailable
from risksentinel.ports.environment import Clock
from risksentinel.ports.publishing import Delivery, Outbox, Outcome, PendingEvent, Publisher

LEASE: Final = timedelta(seconds=30)  # after a crash, other relays wait at most this long
MAX_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class BackOff:
    """Retry n waits `delay` x 2^n, at most `longest`; as in Knative's exponential policy."""

    attempts: int = 5  # retries; after the last one the event is a dead letter
    delay: timedelta = timedelta(milliseconds=200)
    longest: timedelta = timedelta(minutes=10)

    def next(self, attempts: int, now: datetime) -> datetime | None:
        """The time of the next attempt, after `attempts` failed ones; None for a dead letter."""
        if attempts > self.attempts:
            return None
        return now + min(self.delay * (1 << attempts), self.longest)


@dataclass(frozen=True, slots=True)
class Relayed:
    """The numbers of events that one pass delivered, postponed, and made dead letters."""

    delivered: int
    postponed: int
    dead: int


NOTHING: Final = Relayed(0, 0, 0)


@dataclass(frozen=True, slots=True)
class RelayOutbox:
    """Publishes pending outbox events; one call is one pass.

    A lease prevents two relays from publishing the same event at the same time.
    """

    outbox: Outbox
    publisher: Publisher
    clock: Clock
    back_off: BackOff

    def __call__(self) -> Relayed:
        """Lease events, then publish them.

        Raises:
            Unavailable: the database or the broker did not answer; nothing is lost.
        """
        now = self.clock()
        pending = self.outbox.lease(MAX_AT_ONCE, now, now + LEASE)
        return self.deliver(pending) if pending else NOTHING

    def deliver(self, pending: Sequence[PendingEvent]) -> Relayed:
        """Publish leased events, and settle the lease.

        Raises:
            Unavailable: the database or the broker did not answer; nothing is lost.
        """
        try:
            deliveries = self.publisher.publish([waiting.event for waiting in pending])
        except Unavailable:
            self.outbox.release([waiting.number for waiting in pending])
            raise
        except Exception as bug:  # noqa: BLE001  # counted as an attempt, so that it ends as a dead letter
            reason = f"the delivery itself failed: {type(bug).__name__}"
            deliveries = [Delivery(Outcome.FAILED, reason)] * len(pending)
        return self._settle(pending, deliveries)

    def _settle(self, pending: Sequence[PendingEvent], deliveries: Sequence[Delivery]) -> Relayed:
        now = self.clock()
        delivered, held = [], []
        postponed: dict[int, datetime] = {}
        dead: dict[int, Delivery] = {}
        for waiting, delivery in zip(pending, deliveries, strict=True):
            if delivery.outcome is Outcome.DELIVERED:
                delivered.append(waiting.number)
            elif delivery.outcome is Outcome.HELD:
                held.append(waiting.number)
            elif delivery.outcome is Outcome.FAILED and (
                again := self.back_off.next(waiting.attempts + 1, now)
            ):
                postponed[waiting.number] = again
            else:
                dead[waiting.number] = delivery
        self.outbox.settle(delivered, postponed, dead, now)
        if held:
            self.outbox.release(held)
        return Relayed(len(delivered), len(postponed), len(dead))
