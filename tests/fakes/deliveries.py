"""InMemoryDeliveries: which endpoint has received which alert event, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from risksentinel.ports.alerting import DeliveryStatus, KeptDelivery


@dataclass(slots=True)
class InMemoryDeliveries:
    """Meets Deliveries and AlertDeliveries; `kept` is by event and endpoint."""

    kept: dict[tuple[str, str], KeptDelivery] = field(default_factory=dict)
    alerts: dict[str, str] = field(default_factory=dict)

    def open(
        self, event_id: str, alert_id: str, endpoints: Sequence[str], at: datetime
    ) -> set[str]:
        """Insert missing deliveries as pending; answers the endpoints without a delivered one."""
        self.alerts.setdefault(event_id, alert_id)
        for endpoint in endpoints:
            new = KeptDelivery(endpoint, DeliveryStatus.PENDING, 0, "", at)
            self.kept.setdefault((event_id, endpoint), new)
        return {endpoint for endpoint in endpoints if self._waits(event_id, endpoint)}

    def note(
        self, event_id: str, endpoint: str, *, status: DeliveryStatus, reason: str, at: datetime
    ) -> None:
        """Count an attempt and store its outcome; a delivered one stays delivered."""
        if not self._waits(event_id, endpoint):
            return
        kept = self.kept[event_id, endpoint]
        self.kept[event_id, endpoint] = replace(
            kept,
            status=status,
            attempts=kept.attempts + 1,
            last_reason=reason,
            updated_at=at,
        )

    def of_alert(self, alert_id: str) -> Sequence[KeptDelivery]:
        """The deliveries of the alert, ordered by endpoint."""
        mine = [key for key in self.kept if self.alerts[key[0]] == alert_id]
        return [self.kept[key] for key in sorted(mine, key=lambda key: (key[1], key[0]))]

    def _waits(self, event_id: str, endpoint: str) -> bool:
        kept = self.kept.get((event_id, endpoint))
        return kept is not None and kept.status is not DeliveryStatus.DELIVERED
