"""Delivery of alerts: channels, endpoints, and the state of each delivery."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from risksentinel.domain.alert import Alert
from risksentinel.events.event import Event


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A target of alerts; `id` is stable and contains no secret."""

    id: str
    channel: str
    address: str = field(repr=False)
    secret: str | None = field(repr=False)


class DeliveryStatus(StrEnum):
    """The state of one delivery.

    `pending` is retried. `failed` is not: the endpoint answered 410 Gone, or its address is not
    allowed. When the event is delivered again, for another endpoint or by an operator, a failed
    delivery is attempted once more.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class StoredAlerts(Protocol):
    """The alerts in the database."""

    def alert(self, alert_id: str) -> Alert:
        """The alert. Raises NotFound, and Unavailable."""


class AlertChannel(Protocol):
    """A channel that sends alerts to people or systems."""

    def send(self, endpoint: Endpoint, event: Event) -> None:
        """Send the event. Raises Rejected where no retry helps, otherwise Retryable."""


class Deliveries(Protocol):
    """Which endpoint has received which alert event."""

    def open(
        self, event_id: str, alert_id: str, endpoints: Sequence[str], at: datetime
    ) -> set[str]:
        """Insert missing deliveries as pending; answers the endpoints without a delivered one."""

    def note(
        self,
        event_id: str,
        endpoint: str,
        *,
        status: DeliveryStatus,
        reason: str,
        at: datetime,
    ) -> None:
        """Count an attempt and store its outcome; a delivered one stays delivered."""


@dataclass(frozen=True, slots=True)
class KeptDelivery:
    """The stored delivery to one endpoint; `last_reason` is empty after a success."""

    endpoint: str
    status: DeliveryStatus
    attempts: int
    last_reason: str
    updated_at: datetime


class AlertDeliveries(Protocol):
    """The deliveries of an alert, for readers."""

    def of_alert(self, alert_id: str) -> Sequence[KeptDelivery]:
        """The deliveries of the alert, ordered by endpoint."""
