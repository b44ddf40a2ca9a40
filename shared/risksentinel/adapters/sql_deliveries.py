"""Deliveries in SQL: which endpoint has had which announcement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, select, update

from risksentinel.adapters.sql_engine import writing
from risksentinel.adapters.sql_insert import insert_new
from risksentinel.adapters.sql_tables import alert_deliveries

_PENDING: Final = "pending"
_DELIVERED: Final = "delivered"
_FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class SqlDeliveries:
    """Meets `ports.Deliveries` on SQLite and PostgreSQL."""

    engine: Engine

    def open(
        self, event_id: str, alert_id: str, endpoints: Sequence[str], at: datetime
    ) -> set[str]:
        """Start what is not there yet; answers the endpoints still to be served."""
        rows = [
            {
                "event_id": event_id,
                "endpoint": endpoint,
                "alert_id": alert_id,
                "status": _PENDING,
                "attempts": 0,
                "last_reason": "",
                "started_at": at,
                "updated_at": at,
            }
            for endpoint in sorted(set(endpoints))
        ]
        pending = select(alert_deliveries.c.endpoint).where(
            alert_deliveries.c.event_id == event_id,
            alert_deliveries.c.endpoint.in_(endpoints),
            alert_deliveries.c.status == _PENDING,
        )
        with writing(self.engine) as connection:
            insert_new(connection, alert_deliveries, rows)
            return set(connection.execute(pending).scalars())

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
        status = _DELIVERED if delivered else _FAILED if final else _PENDING
        attempt = update(alert_deliveries).where(
            alert_deliveries.c.event_id == event_id,
            alert_deliveries.c.endpoint == endpoint,
            alert_deliveries.c.status != _DELIVERED,  # a late failure takes nothing back
        )
        with writing(self.engine) as connection:
            connection.execute(
                attempt.values(
                    status=status,
                    attempts=alert_deliveries.c.attempts + 1,
                    last_reason=reason,
                    updated_at=at,
                )
            )
