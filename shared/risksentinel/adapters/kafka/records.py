"""Conversion between events and Kafka records: CloudEvents in binary content mode."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from risksentinel.errors import Malformed
from risksentinel.events.event import Event
from risksentinel.text import rfc3339, strict_json

PREFIX: Final = "ce_"
CONTENT_TYPE: Final = "content-type"
UNDATED: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """A record to send; with `partition` None the key selects the partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = field(default=())
    partition: int | None = None


def record_of(event: Event) -> Record:
    """The record of an event."""
    attributes = event.attributes()
    content_type = attributes.pop("datacontenttype")
    headers = [(f"{PREFIX}{name}", value.encode()) for name, value in attributes.items()]
    return Record(
        event.topic,
        event.key.encode(),
        strict_json.encode(event.data),
        [*headers, (CONTENT_TYPE, content_type.encode())],
    )


def attributes_of(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    """The CloudEvent's attributes among a record's headers, the content type as one of them.

    Raises:
        UnicodeDecodeError: an attribute is not UTF-8.
    """
    found: dict[str, str] = {}
    content_type = None
    for header, value in headers:
        name = header.lower()
        if name.startswith(PREFIX):
            found[name[len(PREFIX) :]] = (value or b"").decode()
        elif name == CONTENT_TYPE:
            content_type = (value or b"").decode()
    if content_type is not None:
        found["datacontenttype"] = content_type
    return found


def event_of(topic: str, record: Record, at: datetime = UNDATED) -> Event:
    """The event of a record from any producer.

    Missing attributes are empty, a missing time is `at`, and data that is not a JSON object is in
    `data_base64`: enough to display it. A record of `record_of` gives the original event.
    """
    rest = _readable(record)
    for known in ("specversion", "datacontenttype"):
        rest.pop(known, None)
    return Event(
        topic=topic,
        id=rest.pop("id", ""),
        type=rest.pop("type", ""),
        source=rest.pop("source", ""),
        subject=rest.pop("subject", ""),
        key=rest.pop("partitionkey", (record.key or b"").decode(errors="replace")),
        time=_moment(rest.pop("time", ""), at),
        data=_data(record.value or b""),
        dataschema=rest.pop("dataschema", None),
        traceparent=rest.pop("traceparent", None),
        extensions=rest,
    )


def _readable(record: Record) -> dict[str, str]:
    try:
        return attributes_of(record.headers)
    except UnicodeDecodeError:
        return {}


def _moment(text: str, otherwise: datetime) -> datetime:
    try:
        return rfc3339.parse(text)
    except Malformed:
        return otherwise


def _data(value: bytes) -> dict[str, Any]:
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        data = None
    return data if isinstance(data, dict) else {"data_base64": base64.b64encode(value).decode()}
