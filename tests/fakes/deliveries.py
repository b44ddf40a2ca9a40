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

    @property
    def waits(self) -> bool:
        """Whether the endpoint is still to be served."""
        return not (self.delivered or self.final)


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
        return {endpoint for endpoint in endpoints if self.kept[event_id, endpoint].waits}

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
        kept = self.kept.get((event_id, endpoint))
        if kept is None or kept.delivered:  # a late failure takes nothing back
            return
        kept.attempts += 1
        kept.delivered, kept.final, kept.reason, kept.updated_at = delivered, final, reason, at
