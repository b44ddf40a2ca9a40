"""ReceivedEvent: a received CloudEvent with checked attributes; its data are bytes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from risksentinel.errors import Malformed, Violation
from risksentinel.events.event import SPEC_VERSION
from risksentinel.text import rfc3339, strict_json
from risksentinel.text.characters import FORBIDDEN_CHARACTERS, FORBIDDEN_MESSAGE

REQUIRED: Final = ("id", "source", "type", "specversion")
MAX_CHARACTERS: Final = 2048
_OPTIONAL: Final = ("subject", "partitionkey", "datacontenttype", "dataschema", "time")
_OWN_FIELD: Final = frozenset({*REQUIRED, *_OPTIONAL, "traceparent"})
# The header `traceparent` of a plain record, as KafkaSource names it.
_RECORD_TRACE: Final = "kafkaheadertraceparent"
_NAME: Final = re.compile(r"[a-z0-9]{1,64}", re.ASCII)
_NONCHARACTERS: Final = re.compile("[\ufffe\uffff]")  # CloudEvents forbids them in attributes
_FORBIDDEN: Final = re.compile(f"{FORBIDDEN_CHARACTERS.pattern}|{_NONCHARACTERS.pattern}")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """One received CloudEvent. Its attributes are valid; its data are not checked."""

    id: str
    source: str
    type: str
    subject: str | None = None
    partitionkey: str | None = None
    time: datetime | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None
    traceparent: str | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""

    def payload(self) -> Any:  # noqa: ANN401  # JSON is any of seven types
        """The data as JSON; without a content type, as from KafkaSource, the data are JSON too.

        Raises:
            Malformed: the data have another type, or are not strict JSON.
        """
        if not is_json(self.datacontenttype):
            raise Malformed([Violation("datacontenttype", "must be application/json")])
        return strict_json.decode(self.data)

    def document(self) -> dict[str, Any]:
        """The data, a JSON object.

        Raises:
            Malformed: the data are not a JSON object.
        """
        data = self.payload()
        if not isinstance(data, dict):
            raise Malformed([Violation("data", "must be a JSON object")])
        return data


def event_from(attributes: Mapping[str, str], data: bytes) -> ReceivedEvent:
    """Check the attributes of one event.

    Raises:
        Malformed: every violation with the name of the attribute.
    """
    violations = _violations(attributes)
    time = None
    if text := attributes.get("time"):
        try:
            time = rfc3339.parse(text)
        except Malformed as malformed:
            violations.append(Violation("time", str(malformed)))
    violations += _violations_of_texts(attributes)
    if violations:
        raise Malformed(violations)
    return ReceivedEvent(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        subject=attributes.get("subject") or None,
        partitionkey=attributes.get("partitionkey") or None,
        datacontenttype=attributes.get("datacontenttype") or None,
        dataschema=attributes.get("dataschema") or None,
        time=time,
        traceparent=traceparent_of(attributes.get("traceparent") or attributes.get(_RECORD_TRACE)),
        extensions={
            name: value
            for name, value in attributes.items()
            if name not in _OWN_FIELD and _is_name(name)
        },
        data=data,
    )


def traceparent_of(given: str | None) -> str | None:
    """The W3C traceparent if it is valid, else None."""
    return given if given and _TRACEPARENT.fullmatch(given) else None


def is_json(content_type: str | None) -> bool:
    """Whether data of this type are JSON; data without a type are JSON."""
    media = media_type(content_type)
    return media in {"", "application/json"} or media.endswith("+json")


def media_type(content_type: str | None) -> str:
    """The content type without its parameters, in lower case."""
    return (content_type or "").partition(";")[0].strip().lower()


@lru_cache(maxsize=128)  # sources add the same extensions to each event
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _violations(attributes: Mapping[str, str]) -> list[Violation]:
    violations = [Violation(name, "is required") for name in REQUIRED if not attributes.get(name)]
    if attributes.get("specversion", SPEC_VERSION) not in {SPEC_VERSION, ""}:
        violations.append(Violation("specversion", f"must be {SPEC_VERSION}"))
    return violations


def _violations_of_texts(attributes: Mapping[str, str]) -> list[Violation]:
    together = "".join(attributes.values())
    if len(together) <= MAX_CHARACTERS and _FORBIDDEN.search(together) is None:
        return []  # one search of all texts costs a fifth of a search of each
    violations = []
    for name, value in attributes.items():
        if FORBIDDEN_CHARACTERS.search(value):
            violations.append(Violation(strict_json.inside("", name), FORBIDDEN_MESSAGE))
        elif _NONCHARACTERS.search(value):
            violations.append(Violation(strict_json.inside("", name), "contains a noncharacter"))
        elif len(value) > MAX_CHARACTERS:
            violations.append(Violation(strict_json.inside("", name), "is too long"))
    return violations
