"""alert.updated.v1: an analyst changed an alert."""

from typing import Final

from risksentinel.domain.alert import Alert
from risksentinel.events.event import Event
from risksentinel.events.sources import ALERT_DISPATCH
from risksentinel.text import rfc3339

TOPIC: Final = "alerts.updated"
TYPE: Final = "za.risksentinel.alert.updated.v1"
SCHEMA: Final = "urn:risksentinel:schema:alert.updated:1"


def encode(alert: Alert, traceparent: str | None = None) -> Event:
    """The event of the alert's newest version."""
    changed_at = alert.updated_at or alert.raised_at
    return Event(
        topic=TOPIC,
        id=f"{alert.id}.v{alert.version}",
        type=TYPE,
        source=ALERT_DISPATCH,
        subject=alert.transaction_id,
        key=alert.sender_id,
        time=changed_at,
        data={
            "alert_id": alert.id,
            "transaction_id": alert.transaction_id,
            "status": alert.status.value,
            "assignee": alert.assignee,
            "disposition": alert.disposition and alert.disposition.value,
            "version": alert.version,
            "updated_at": rfc3339.to_text(changed_at),
        },
        dataschema=SCHEMA,
        traceparent=traceparent,
    )
