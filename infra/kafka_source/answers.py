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
EVENT_S_OWN: Final = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype"}
)
_AWAY: Final = frozenset({429, 502, 503, 504})
_RETRIED: Final = frozenset({404, 408, 409})  # and every other 5xx, as Knative does


class Verdict(Enum):
    """What to do with the event."""

    DONE = auto()
    REFUSED = auto()  # trying again cannot help
    FAILED = auto()  # trying again may help, but not for ever
    AWAY = auto()  # the function could not look at it


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer about one event; without a status nobody answered."""

    verdict: Verdict
    status: int | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def answer_of(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """The answer that a response is; its Kne- headers become extensions of a dead letter."""
    extensions = {
        _NO_ATTRIBUTE.sub("", name.lower().removeprefix(_EXTENSION)): value[:_MAX_CHARACTERS]
        for name, value in headers.items()
        if name.lower().startswith(_EXTENSION)
    }
    kept = {name: value for name, value in extensions.items() if name not in EVENT_S_OWN and name}
    return Answer(_verdict(status), status, kept, body)


def answers_of_batch(
    events: Sequence[Incoming], status: int, headers: Mapping[str, str], body: bytes
) -> list[Answer] | Answer:
    """One answer an event, or one about a batch that was not taken as such."""
    if status in {HTTPStatus.OK, HTTPStatus.MULTI_STATUS}:
        lines = _lines(body)
        if [line.get("id") for line in lines] == [event.attributes["id"] for event in events]:
            return [_answer_of_line(line) for line in lines]
    whole = answer_of(status, headers, body)
    # Whoever says "done" of a batch without a word on each event has not understood it.
    return Answer(Verdict.FAILED, status) if whole.verdict is Verdict.DONE else whole


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


def _answer_of_line(line: Mapping[str, Any]) -> Answer:
    reason = line.get("reason")
    extensions = {REASON: reason[:_MAX_CHARACTERS]} if isinstance(reason, str) and reason else {}
    return Answer(_verdict(line["status"]), line["status"], extensions, json.dumps(line).encode())


def _verdict(status: int) -> Verdict:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict.DONE
    if status in _AWAY:
        return Verdict.AWAY
    if status in _RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Verdict.FAILED
    return Verdict.REFUSED
