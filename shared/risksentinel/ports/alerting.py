"""How alerts are told, and to whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from risksentinel.events.event import Event


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where alerts are sent: `id` is stable and says nothing secret."""

    id: str
    channel: str
    address: str = field(repr=False)
    secret: str | None = field(repr=False)


class DeliveryStatus(StrEnum):
    """Whether an endpoint has an announcement.

    `pending` is tried again. `failed` is not: the endpoint answered 410 Gone, or may not be called.
    Where the alert is sent again, for another endpoint or by an operator, it is tried once more.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class AlertChannel(Protocol):
    """A way to tell people of an alert."""

    def send(self, endpoint: Endpoint, event: Event) -> None:
        """Raises Rejected where it can never work, Retryable where it may work later."""


class Deliveries(Protocol):
    """Which endpoint has had which announcement."""

    def open(
        self, event_id: str, alert_id: str, endpoints: Sequence[str], at: datetime
    ) -> set[str]:
        """Start what is not there yet; answers the endpoints that do not have it."""

    def note(
        self,
        event_id: str,
        endpoint: str,
        *,
        status: DeliveryStatus,
        reason: str,
        at: datetime,
    ) -> None:
        """Count an attempt and keep how it went; nothing takes a delivery back."""


@dataclass(frozen=True, slots=True)
class KeptDelivery:
    """How far one endpoint's delivery has come; `last_reason` is empty where it has it."""

    endpoint: str
    status: DeliveryStatus
    attempts: int
    last_reason: str
    updated_at: datetime


class AlertDeliveries(Protocol):
    """Who has heard of an alert, seen from those who only read."""

    def of_alert(self, alert_id: str) -> Sequence[KeptDelivery]:
        """One an endpoint, in the order of their names."""
