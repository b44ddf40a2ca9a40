"""An announcement, to a row of the outbox and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from risksentinel.events.event import Event


def event_row(event: Event) -> dict[str, Any]:
    """The announcement as it enters the outbox."""
    return {
        "topic": event.topic,
        "key": event.key,
        "event": event.structured(),
        "attempts": 0,
        "created_at": event.time,
    }


def event_of(topic: str, structured: Mapping[str, Any]) -> Event:
    """The announcement that `structured` describes."""
    rest = dict(structured)
    for known in ("specversion", "datacontenttype"):
        del rest[known]
    return Event(
        topic=topic,
        id=rest.pop("id"),
        type=rest.pop("type"),
        source=rest.pop("source"),
        subject=rest.pop("subject"),
        key=rest.pop("partitionkey"),
        time=datetime.fromisoformat(rest.pop("time")),
        data=rest.pop("data"),
        dataschema=rest.pop("dataschema", None),
        traceparent=rest.pop("traceparent", None),
        extensions=rest,
    )
