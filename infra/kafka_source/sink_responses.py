"""The function's response to an event, and what the source does with the event."""

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
_INVALID_IN_NAME: Final = re.compile(r"[^a-z0-9]+", re.ASCII)
_MAX_CHARACTERS: Final = 1024
RESERVED_ATTRIBUTES: Final = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype"}
)
# 401 and 403 are faults of the deployment, not of the event, which stays in its topic meanwhile.
_UNAVAILABLE: Final = frozenset({401, 403, 429, 502, 503, 504})
_RETRIED: Final = frozenset({404, 408, 409})  # and every other 5xx, as Knative does


class DeliveryResult(Enum):
    """What a response means for the event."""

    DONE = auto()  # the event is handled
    REJECTED = auto()  # a retry cannot succeed: dead letter
    FAILED = auto()  # a retry may succeed; the number of retries is limited
    UNAVAILABLE = auto()  # the function did not process the event; retried during an outage


@dataclass(frozen=True, slots=True)
class SinkResponse:
    """A response to one event; `status` is None if there was no HTTP response."""

    result: DeliveryResult
    status: int | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


# The result of an event that is done, without a body: only dead letters contain bodies.
_DONE: Final = SinkResponse(DeliveryResult.DONE, HTTPStatus.NO_CONTENT)


def sink_response(status: int, headers: Mapping[str, str], body: bytes) -> SinkResponse:
    """Classify an HTTP response; its Kne- headers become extensions of a dead letter."""
    extensions = {
        _INVALID_IN_NAME.sub("", name.lower().removeprefix(_EXTENSION)): value[:_MAX_CHARACTERS]
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
    """Return a response for each event, or one for the batch if it has no results by event."""
    if status in {HTTPStatus.OK, HTTPStatus.MULTI_STATUS}:
        lines = _lines(body)
        if [line.get("id") for line in lines] == [event.attributes["id"] for event in events]:
            return [_response_of_line(line) for line in lines]
    whole = sink_response(status, headers, body)
    # A 2xx without a result for each event: the function does not support batches.
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


def _response_of_line(line: Mapping[str, Any]) -> SinkResponse:
    if line["status"] == HTTPStatus.NO_CONTENT:
        return _DONE
    reason = line.get("reason")
    extensions = {REASON: reason[:_MAX_CHARACTERS]} if isinstance(reason, str) and reason else {}
    return SinkResponse(
        _result_of(line["status"]), line["status"], extensions, json.dumps(line).encode()
    )


def _result_of(status: int) -> DeliveryResult:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return DeliveryResult.DONE
    if status in _UNAVAILABLE:
        return DeliveryResult.UNAVAILABLE
    if status in _RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return DeliveryResult.FAILED
    return DeliveryResult.REJECTED
