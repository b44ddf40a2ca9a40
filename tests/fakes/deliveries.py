"""InMemoryDeliveries: which endpoint has had which announcement, for as long as a test runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Kept:
    """How far one delivery has come."""

    alert_id: str
    started_at: datetime
    updated_at: datetime
    attempts: int = 0
    delivered: bool = False
    final: bool = False
    reason: str = ""


@dataclass(slots=True)
class InMemoryDeliveries:
    """Meets Deliveries."""

    kept: dict[tuple[str, str], Kept] = field(default_factory=dict)

    def open(
        self, event_id: str, alert_id: str, endpoints: Sequence[str], at: datetime
    ) -> set[str]:
        """Start what is not there yet; answers the endpoints still to be served."""
        for endpoint in endpoints:
            self.kept.setdefault((event_id, endpoint), Kept(alert_id, at, at))
        return {endpoint for endpoint in endpoints if not self.kept[event_id, endpoint].final}

    def note(
        self,
        event_id: str,
        endpoint: str,
        *,
        delivered: bool,
        final: bool,
        reason: str,
        at: datetime,
    ) -> None:
        """Count an attempt and keep how it went; `final` ends the attempts."""
        kept = self.kept[event_id, endpoint]
        kept.attempts += 1
        kept.delivered, kept.final, kept.reason, kept.updated_at = delivered, final, reason, at
