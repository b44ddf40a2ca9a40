"""Outgoing events: the outbox, the publisher, and the dead letters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from risksentinel.events.event import Event


class Outcome(StrEnum):
    """The outcome of publishing one event."""

    DELIVERED = "delivered"
    REFUSED = "refused"  # no retry helps: dead letter at once
    FAILED = "failed"  # retried later
    HELD = "held"  # not attempted: an earlier event of its key was not delivered


@dataclass(frozen=True, slots=True)
class Delivery:
    """The result of publishing one event; `reason` and `code` of a failure."""

    outcome: Outcome
    reason: str = ""
    code: int | None = None


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event that is leased from the outbox; `attempts` counts failed deliveries."""

    number: int
    event: Event
    attempts: int
    held_until: datetime


class Publisher(Protocol):
    """Publishes outbox events: to the functions directly, or to a broker."""

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Publish in order; answers one delivery for each event."""


class Outbox(Protocol):
    """Events that were committed and not yet published."""

    def lease(self, most: int, now: datetime, until: datetime) -> list[PendingEvent]:
        """Lease the oldest due events; an event waits while an earlier one of its key waits."""

    def settle(
        self,
        delivered: Sequence[int],
        postponed: Mapping[int, datetime],
        dead: Mapping[int, Delivery],
        now: datetime,
    ) -> None:
        """End a lease: remove the delivered, postpone the failed, make dead letters of the dead."""

    def release(self, numbers: Sequence[int]) -> None:
        """End a lease without counting an attempt."""

    def depth(self) -> int:
        """The number of events in the outbox, the leased ones included."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that could not be delivered, with the reason of its last attempt."""

    id: str
    event: Event
    reason: str
    code: int | None
    attempts: int
    died_at: datetime


class DeadLetters(Protocol):
    """Events that could not be delivered, stored until they are replayed."""

    def list(self, topic: str | None, most: int) -> list[DeadLetter]:
        """Newest first."""

    def show(self, letter_id: str) -> DeadLetter:
        """The letter. Raises NotFound."""

    def replay(self, letter_ids: Sequence[str], now: datetime) -> int:
        """Publish letters again with 0 attempts; answers how many. Raises NotFound, Rejected."""
