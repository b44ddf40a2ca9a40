"""SqlDeliveries: which endpoint has received which alert event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, update

from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.insert import insert_new
from risksentinel.adapters.sql.tables import alert_deliveries
from risksentinel.ports.alerting import DeliveryStatus, KeptDelivery


@dataclass(frozen=True, slots=True)
class SqlDeliveries:
    """Meets `ports.Deliveries` and `ports.AlertDeliveries` on SQLite and PostgreSQL."""

    engine: Engine

    def open(
        self, event_id: str, alert_id: str, endpoints: Sequence[str], at: datetime
    ) -> set[str]:
        """Insert missing deliveries as pending; answers the endpoints without a delivered one."""
        rows = [
            {
                "event_id": event_id,
                "endpoint": endpoint,
                "alert_id": alert_id,
                "status": DeliveryStatus.PENDING.value,
                "attempts": 0,
                "last_reason": "",
                "started_at": at,
                "updated_at": at,
            }
            for endpoint in sorted(set(endpoints))
        ]
        waiting = select(alert_deliveries.c.endpoint).where(
            alert_deliveries.c.event_id == event_id,
            alert_deliveries.c.endpoint.in_(endpoints),
            alert_deliveries.c.status != DeliveryStatus.DELIVERED.value,
        )
        with writing(self.engine) as connection:
            insert_new(connection, alert_deliveries, rows)
            return set(connection.execute(waiting).scalars())

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
        attempt = update(alert_deliveries).where(
            alert_deliveries.c.event_id == event_id,
            alert_deliveries.c.endpoint == endpoint,
            alert_deliveries.c.status != DeliveryStatus.DELIVERED.value,
        )
        with writing(self.engine) as connection:
            connection.execute(
                attempt.values(
                    status=status.value,
                    attempts=alert_deliveries.c.attempts + 1,
                    last_reason=reason,
                    updated_at=at,
                )
            )

    def of_alert(self, alert_id: str) -> Sequence[KeptDelivery]:
        """The deliveries of an alert, ordered by endpoint."""
        query = (
            select(alert_deliveries)
            .where(alert_deliveries.c.alert_id == alert_id)
            .order_by(alert_deliveries.c.endpoint, alert_deliveries.c.event_id)
        )
        with reading(self.engine) as connection:
            return [
                KeptDelivery(
                    endpoint=row.endpoint,
                    status=DeliveryStatus(row.status),
                    attempts=row.attempts,
                    last_reason=row.last_reason,
                    updated_at=row.updated_at,
                )
                for row in connection.execute(query)
            ]
