"""InMemoryAlerts: the stored alerts, without a database."""

from dataclasses import dataclass, field
from typing import Self

from risksentinel.domain.alert import Alert
from risksentinel.errors import NotFound
from risksentinel.events import alert_raised
from risksentinel.events.event import Event


@dataclass(slots=True)
class InMemoryAlerts:
    """Meets `ports.StoredAlerts`."""

    stored: dict[str, Alert] = field(default_factory=dict)

    @classmethod
    def of(cls, *events: Event) -> Self:
        """The alerts of these events."""
        alerts = [alert_raised.decode(event.data) for event in events]
        return cls({alert.id: alert for alert in alerts})

    def alert(self, alert_id: str) -> Alert:
        """The alert. Raises NotFound."""
        if alert_id not in self.stored:
            raise NotFound("there is no such alert")
        return self.stored[alert_id]
