"""CloudEvents 1.0 over HTTP: binary, structured and batch mode.

Not parsed by the `cloudevents` library: its errors repeat the event, its JSON reads amounts as
floats, and it has no batch mode.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote_to_bytes

from werkzeug.datastructures import Headers

from risksentinel.cloudevents.received_event import ReceivedEvent, event_from, is_json, media_type
from risksentinel.errors import Malformed, Violation
from risksentinel.events.event import JSON, Event
from risksentinel.text import strict_json

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
MAX_IN_A_BATCH: Final = 500
_PREFIX: Final = "ce-"
_DATA: Final = frozenset({"data", "data_base64"})
_ESCAPED: Final = re.compile(r"\\(.)")
_HEADER_SAFE: Final = "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # all visible ASCII except " and %


@dataclass(frozen=True, slots=True)
class BrokenEvent:
    """A member of a batch that is not a valid event; `id` is None if the member has none."""

    id: str | None
    violation: Malformed


def is_batch(headers: Headers | Mapping[str, str]) -> bool:
    """Whether the body is a batch, by its content type."""
    return media_type(headers.get("Content-Type")) == BATCH


def receive(headers: Headers | Mapping[str, str], body: bytes) -> ReceivedEvent:
    """The one event of a request in binary or structured mode.

    Raises:
        Malformed: every violation with the name of the attribute.
    """
    media = media_type(headers.get("Content-Type"))
    if media == STRUCTURED:
        return _structured(strict_json.decode(body))
    if media.startswith("application/cloudevents"):
        raise Malformed([Violation("datacontenttype", f"must be {STRUCTURED} or {BATCH}")])
    return _binary(headers, body)


def receive_batch(body: bytes) -> list[ReceivedEvent | BrokenEvent]:
    """The events of a batch; an invalid event does not fail the others.

    Raises:
        Malformed: the body is not a batch, or has more than MAX_IN_A_BATCH events.
    """
    batch = strict_json.decode(body)
    if not isinstance(batch, list):
        raise Malformed("a batch is a JSON array of events")
    if len(batch) > MAX_IN_A_BATCH:
        raise Malformed(f"a batch has at most {MAX_IN_A_BATCH} events")
    return [_received(member) for member in batch]


def to_binary_http(event: Event) -> tuple[dict[str, str], bytes]:
    """Headers and body of one event in binary mode."""
    headers = {
        f"{_PREFIX}{name}": quote(value, safe=_HEADER_SAFE)
        for name, value in event.attributes().items()
        if name != "datacontenttype"
    }
    return {**headers, "Content-Type": JSON}, strict_json.encode(event.data)


def to_batch(events: Iterable[Event]) -> tuple[dict[str, str], bytes]:
    """Headers and body of many events in batch mode."""
    body = strict_json.encode([event.structured() for event in events])
    return {"Content-Type": BATCH}, body


def _binary(headers: Headers | Mapping[str, str], body: bytes) -> ReceivedEvent:
    raw = {
        name.lower().removeprefix(_PREFIX): value
        for name, value in headers.items()
        if name.lower().startswith(_PREFIX)
    }
    if not raw:
        raise Malformed("is not a CloudEvent: it has no ce- headers")
    attributes = {}
    violations = []
    for name, value in raw.items():
        try:
            attributes[name] = _header_text(value)
        except UnicodeError:
            violations.append(Violation(strict_json.inside("", name), "is not UTF-8"))
    if violations:
        raise Malformed(violations)
    # In binary mode only the HTTP header Content-Type gives the type of the data.
    attributes["datacontenttype"] = headers.get("Content-Type") or ""
    return event_from(attributes, body)


def _header_text(value: str) -> str:
    quoted = value.startswith('"') and value.endswith('"') and len(value) > 1
    bare = _ESCAPED.sub(r"\1", value[1:-1]) if quoted else value
    # WSGI decodes the bytes of a header as Latin-1.
    return unquote_to_bytes(bare.encode("latin-1")).decode()


def _received(member: object) -> ReceivedEvent | BrokenEvent:
    try:
        return _structured(member)
    except Malformed as malformed:
        given = member.get("id") if isinstance(member, dict) else None
        return BrokenEvent(given if isinstance(given, str) else None, malformed)


def _structured(envelope: object) -> ReceivedEvent:
    if not isinstance(envelope, dict):
        raise Malformed("an event is a JSON object")
    attributes: dict[str, str] = {}
    wrong: list[str] = []
    for name, value in envelope.items():
        if isinstance(value, str):
            if name not in _DATA:
                attributes[name] = value
        elif value is None or name in _DATA:
            continue
        elif isinstance(value, int):
            attributes[name] = _attribute_text(value)
        else:
            wrong.append(name)
    if wrong:
        raise Malformed(Violation(strict_json.inside("", name), "must be text") for name in wrong)
    return event_from(attributes, _data(envelope, attributes.get("datacontenttype")))


def _attribute_text(value: int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _data(envelope: Mapping[str, Any], content_type: str | None) -> bytes:
    if "data_base64" in envelope:
        return _base64(envelope)
    if "data" not in envelope:
        return b""
    data = envelope["data"]
    if isinstance(data, str) and not is_json(content_type):
        return data.encode()
    return strict_json.encode(data)


def _base64(envelope: Mapping[str, Any]) -> bytes:
    text = envelope["data_base64"]
    if "data" in envelope:
        raise Malformed([Violation("data_base64", "must not be given together with data")])
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Malformed([Violation("data_base64", "is not base64")]) from None
