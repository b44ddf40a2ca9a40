"""Alerts, seen from those who only read."""

from dataclasses import dataclass
from typing import Protocol

from risksentinel.domain.alert import Alert, AlertStatus
from risksentinel.domain.verdict import RiskLevel
from risksentinel.ports.pages import Page


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts."""

    severity: RiskLevel | None = None
    status: AlertStatus | None = None
    assignee: str | None = None


class AlertRecords(Protocol):
    """Alerts, seen from those who only read."""

    def alerts(self, which: AlertFilter, after: tuple[str, ...] | None, most: int) -> Page[Alert]:
        """Newest first by when they were raised. Raises NoCursor where `after` is no key."""

    def alert(self, alert_id: str) -> Alert:
        """Raises NotFound."""
