"""AlertRecords: alerts for readers."""

from dataclasses import dataclass
from typing import Protocol

from risksentinel.domain.alert import Alert, AlertStatus
from risksentinel.domain.verdict import RiskLevel
from risksentinel.ports.pages import Page


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Conditions on alerts; None is no condition."""

    severity: RiskLevel | None = None
    status: AlertStatus | None = None
    assignee: str | None = None


class AlertRecords(Protocol):
    """Alerts for readers."""

    def alerts(self, which: AlertFilter, after: tuple[str, ...] | None, most: int) -> Page[Alert]:
        """Newest first by `raised_at`. Raises NoCursor where `after` is not a key."""

    def alert(self, alert_id: str) -> Alert:
        """The alert. Raises NotFound."""
