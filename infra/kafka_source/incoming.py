"""Converts a Kafka record into the CloudEvent that the function gets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from risksentinel.adapters.kafka.batches import UnreadableBytes
from risksentinel.adapters.kafka.letter_attributes import OFFSET, PARTITION
from risksentinel.adapters.kafka.records import CONTENT_TYPE, attributes_of
from risksentinel.adapters.kafka.types import ConsumerRecord
from risksentinel.cloudevents.binding import STRUCTURED, receive
from risksentinel.cloudevents.received_event import (
    ReceivedEvent,
    event_from,
    media_type,
    traceparent_of,
)
from risksentinel.errors import Malformed
from risksentinel.events.event import SPEC_VERSION
from risksentinel.events.payment_submitted import PLAIN_RECORD
from risksentinel.text import rfc3339, strict_json

_ATTRIBUTE: Final = re.compile(r"[a-z0-9]+", re.ASCII)
_INVALID_IN_NAME: Final = re.compile(r"[^a-z0-9]+", re.ASCII)
_TYPE: Final = "datacontenttype"
_ID: Final = "id"
_SPEC_VERSION: Final = b"specversion"
_TRACE: Final = "traceparent"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record as a CloudEvent; `content_type` is None if the record states none."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    attributes: Mapping[str, str]
    content_type: str | None
    value: bytes | None
    stored: bytes | None = None  # the record's value as it is in the topic
    fault: str | None = None  # why the record cannot be read; it is dead-lettered at once


def incoming(record: ConsumerRecord, origin: str) -> Incoming:
    """Return the record's own CloudEvent, or wrap the record in one as KafkaSource does."""
    attributes, value = _event(record) or (_wrapped(record, origin), record.value)
    fault = None
    if isinstance(value, UnreadableBytes):
        fault, value = value.reason, bytes(value)
    content_type = attributes.pop(_TYPE, None)
    if _TRACE not in attributes and (trace := _trace_of(record)):
        attributes[_TRACE] = trace
    attributes[PARTITION] = str(record.partition)
    attributes[OFFSET] = str(record.offset)
    return Incoming(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        attributes=attributes,
        content_type=content_type,
        value=value,
        stored=record.value,
        fault=fault,
    )


def _event(record: ConsumerRecord) -> tuple[dict[str, str], bytes | None] | None:
    """Return the attributes and data of a record that is a CloudEvent, or None."""
    try:
        attributes = attributes_of(record.headers)
        media = media_type(attributes.get(_TYPE))
        if media.startswith("application/cloudevents"):
            return _structured(record)
        if _ID not in attributes and _holds_event(media, record.value):
            return _structured(record)
        event_from(attributes, b"")
    except (UnicodeDecodeError, Malformed):
        return None
    return (attributes, record.value) if _are_names(tuple(attributes)) else None


@lru_cache(maxsize=64)  # all records of a producer have the same attributes
def _are_names(names: tuple[str, ...]) -> bool:
    return all(_ATTRIBUTE.fullmatch(name) for name in names)


def _structured(record: ConsumerRecord) -> tuple[dict[str, str], bytes]:
    event = receive({"Content-Type": STRUCTURED}, record.value or b"")
    return _attributes(event), event.data


def _holds_event(media: str, value: bytes | None) -> bool:
    """Return whether the value is an event in structured mode without its content type.

    Some SDKs write `application/json` or no header. A payment has no `specversion`.
    """
    if media not in {"", "application/json"} or value is None or _SPEC_VERSION not in value:
        return False
    envelope = strict_json.decode(value)
    return isinstance(envelope, dict) and _SPEC_VERSION.decode() in envelope


def _trace_of(record: ConsumerRecord) -> str | None:
    """Return the record's header `traceparent`, which instrumented producers write."""
    for name, value in record.headers:
        if name.lower() == _TRACE:
            return traceparent_of((value or b"").decode(errors="replace"))
    return None


def _attributes(event: ReceivedEvent) -> dict[str, str]:
    stated = {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "partitionkey": event.partitionkey,
        "time": rfc3339.to_text(event.time) if event.time else None,
        _TYPE: event.datacontenttype,
        "dataschema": event.dataschema,
        "traceparent": event.traceparent,
        **event.extensions,
    }
    return {name: value for name, value in stated.items() if value is not None}


def _wrapped(record: ConsumerRecord, origin: str) -> dict[str, str]:
    attributes = {
        "specversion": SPEC_VERSION,
        "id": f"partition:{record.partition}/offset:{record.offset}",
        "type": PLAIN_RECORD,
        "source": f"{origin}#{record.topic}",
        "subject": f"partition:{record.partition}#{record.offset}",
        "time": rfc3339.to_text(_moment(record.timestamp)),
    }
    if record.key:
        attributes["key"] = attributes["partitionkey"] = record.key.decode(errors="replace")
    for name, value in record.headers:
        text = (value or b"").decode(errors="replace")
        if name.lower() == CONTENT_TYPE:
            attributes[_TYPE] = text.lower()
        else:
            attributes[f"kafkaheader{_INVALID_IN_NAME.sub('', name.lower())}"] = text
    return attributes


def _moment(milliseconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(max(milliseconds, 0) / 1000, UTC)
    except (OverflowError, ValueError, OSError):  # a producer can write any 64-bit number
        return datetime.fromtimestamp(0, UTC)
