"""Events on their way out: the outbox, the publisher, and what was given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from risksentinel.events.event import Event


class Outcome(StrEnum):
    """What became of one announcement."""

    DELIVERED = "delivered"
    REFUSED = "refused"  # can never work: dead letter at once
    FAILED = "failed"  # may work later
    HELD = "held"  # not tried: an earlier one of its key has not gone through


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a publisher says of one event."""

    outcome: Outcome
    reason: str = ""
    code: int | None = None


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An announcement that is leased out of the outbox; `attempts` counts failed deliveries."""

    number: int
    event: Event
    attempts: int
    held_until: datetime


class Publisher(Protocol):
    """Where announcements go: the functions themselves, or a broker."""

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Deliver in order; answers one delivery an event."""


class Outbox(Protocol):
    """Announcements that were committed and not yet delivered."""

    def lease(self, most: int, now: datetime, until: datetime) -> list[PendingEvent]:
        """Take the oldest due ones; an event waits while an earlier one of its key does."""

    def settle(
        self,
        delivered: Sequence[int],
        postponed: Mapping[int, datetime],
        dead: Mapping[int, Delivery],
        now: datetime,
    ) -> None:
        """End a lease: remove the delivered, count and date the postponed, bury the dead."""

    def release(self, numbers: Sequence[int]) -> None:
        """End a lease without an attempt counted."""

    def depth(self) -> int: ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that was given up, with the reason."""

    id: str
    event: Event
    reason: str
    code: int | None
    attempts: int
    died_at: datetime


class DeadLetters(Protocol):
    """Events that were given up, kept until they are replayed."""

    def list(self, topic: str | None, most: int) -> list[DeadLetter]:
        """Newest first."""

    def show(self, letter_id: str) -> DeadLetter:
        """Raises NotFound."""

    def replay(self, letter_ids: Sequence[str], now: datetime) -> int:
        """Announce them again with fresh attempts; answers how many. Raises NotFound."""
