"""stored_event: the event of an alert, made from the alert in the database."""

from dataclasses import replace
from typing import Final

from risksentinel.domain.alert import Alert, AlertStatus
from risksentinel.errors import NotFound, Rejected, Violation
from risksentinel.events import alert_raised
from risksentinel.events.event import Event
from risksentinel.events.sources import ALERT_DISPATCH, INGEST, SCORE
from risksentinel.ports.alerting import StoredAlerts

_SOURCES: Final = frozenset({INGEST, SCORE, ALERT_DISPATCH})  # the functions that raise alerts


def stored_event(alerts: StoredAlerts, stated: Alert, event: Event) -> Event:
    """The event of the stored alert, as it was raised, in place of the received `event`.

    Raises:
        Rejected: there is no such alert, or the received event is not its event.
        Unavailable: the database did not answer.
    """
    try:
        stored = replace(alerts.alert(stated.id), status=AlertStatus.OPEN)
    except NotFound:
        raise Rejected([Violation("data.alert_id", "there is no such alert")]) from None
    made = alert_raised.encode(
        stored,
        event_id=f"{stored.id}.raised",
        source=event.source,
        traceparent=event.traceparent,
    )
    if alert_raised.stated(stated) != made.data:
        raise Rejected([Violation("data", "differs from the stored alert")])
    if event.id != made.id or event.source not in _SOURCES:
        raise Rejected([Violation("id", "is not the id or the source of the alert's event")])
    return made
