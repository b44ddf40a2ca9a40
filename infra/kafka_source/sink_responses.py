"""What a function answered, and so what becomes of the event."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final

from infra.kafka_source.incoming import Incoming
from risksentinel.adapters.kafka.letter_attributes import REASON

_EXTENSION: Final = "kne-"
_NO_ATTRIBUTE: Final = re.compile(r"[^a-z0-9]+", re.ASCII)
_MAX_CHARACTERS: Final = 1024
RESERVED_ATTRIBUTES: Final = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype"}
)
_AWAY: Final = frozenset({429, 502, 503, 504})
_RETRIED: Final = frozenset({404, 408, 409})  # and every other 5xx, as Knative does


class DeliveryResult(Enum):
    """What to do with the event."""

    DONE = auto()
    REJECTED = auto()  # trying again cannot help
    FAILED = auto()  # trying again may help, but not for ever
    UNAVAILABLE = auto()  # the function could not look at it


@dataclass(frozen=True, slots=True)
class SinkResponse:
    """An answer about one event; without a status nobody answered."""

    result: DeliveryResult
    status: int | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def sink_response(status: int, headers: Mapping[str, str], body: bytes) -> SinkResponse:
    """The answer that a response is; its Kne- headers become extensions of a dead letter."""
    extensions = {
        _NO_ATTRIBUTE.sub("", name.lower().removeprefix(_EXTENSION)): value[:_MAX_CHARACTERS]
        for name, value in headers.items()
        if name.lower().startswith(_EXTENSION)
    }
    kept = {
        name: value
        for name, value in extensions.items()
        if name not in RESERVED_ATTRIBUTES and name
    }
    return SinkResponse(_result_of(status), status, kept, body)


def batch_responses(
    events: Sequence[Incoming], status: int, headers: Mapping[str, str], body: bytes
) -> list[SinkResponse] | SinkResponse:
    """One answer an event, or one about a batch that was not taken as such."""
    if status in {HTTPStatus.OK, HTTPStatus.MULTI_STATUS}:
        lines = _lines(body)
        if [line.get("id") for line in lines] == [event.attributes["id"] for event in events]:
            return [_answer_of_line(line) for line in lines]
    whole = sink_response(status, headers, body)
    # Whoever says "done" of a batch without a word on each event has not understood it.
    return (
        SinkResponse(DeliveryResult.FAILED, status)
        if whole.result is DeliveryResult.DONE
        else whole
    )


def _lines(body: bytes) -> list[dict[str, Any]]:
    try:
        lines = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(lines, list):
        return []
    return [
        line if isinstance(line, dict) and isinstance(line.get("status"), int) else {}
        for line in lines
    ]


def _answer_of_line(line: Mapping[str, Any]) -> SinkResponse:
    reason = line.get("reason")
    extensions = {REASON: reason[:_MAX_CHARACTERS]} if isinstance(reason, str) and reason else {}
    return SinkResponse(
        _result_of(line["status"]), line["status"], extensions, json.dumps(line).encode()
    )


def _result_of(status: int) -> DeliveryResult:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return DeliveryResult.DONE
    if status in _AWAY:
        return DeliveryResult.UNAVAILABLE
    if status in _RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return DeliveryResult.FAILED
    return DeliveryResult.REJECTED
