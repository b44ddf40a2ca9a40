"""Conversion between an event and its row of the outbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from risksentinel.events.event import Event


def event_row(event: Event) -> dict[str, Any]:
    """The columns of a new row of `outbox`."""
    return {
        "topic": event.topic,
        "key": event.key,
        "event": event.structured(),
        "attempts": 0,
        "created_at": event.time,
    }


def event_of(topic: str, structured: Mapping[str, Any]) -> Event:
    """The event in structured mode (CloudEvents 1.0) and its topic."""
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
