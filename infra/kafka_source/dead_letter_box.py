"""Writes dead letters to `<topic>.dlq` with the function's response, in Knative's format."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from infra.kafka_source.incoming import Incoming
from infra.kafka_source.sink_responses import RESERVED_ATTRIBUTES, SinkResponse
from risksentinel.adapters.kafka.cut_letters import (
    LONGEST_ATTRIBUTE,
    LONGEST_KEY,
    Origin,
    cut_attributes,
)
from risksentinel.adapters.kafka.letter_attributes import (
    ADDED,
    ATTEMPTS,
    ERROR_CODE,
    ERROR_DATA,
    ERROR_DESTINATION,
    LEFT_OUT,
)
from risksentinel.adapters.kafka.records import CONTENT_TYPE, PREFIX, Record
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.errors import Unavailable
from risksentinel.events.registry import dead_letter_topic
from risksentinel.ports.publishing import Delivery, Outcome

MAX_ERROR_DATA: Final = 1024
_KEPT: Final = RESERVED_ATTRIBUTES | ADDED | {"partitionkey", "traceparent"}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetterBox:
    """Writes dead letters with a Kafka producer."""

    sender: KafkaSender
    destination: str

    def put(self, event: Incoming, answer: SinkResponse, attempts: int) -> Delivery:
        """Write a dead letter; without its value if the broker refuses the whole."""
        put = self._send(letter(event, answer, self.destination, attempts))
        if put.outcome is not Outcome.REFUSED:
            return put
        place = {"topic": event.topic, "partition": event.partition, "offset": event.offset}
        _log.warning("source.dead_letter_cut", reason=put.reason, **place)
        return self._send(cut_letter(event, answer, self.destination, attempts, put.reason))

    def _send(self, record: Record) -> Delivery:
        try:
            return self.sender.send([record])[0]
        except Unavailable as unavailable:
            return Delivery(Outcome.FAILED, str(unavailable))


def letter(event: Incoming, answer: SinkResponse, destination: str, attempts: int) -> Record:
    """Return the event as it was delivered, with the response as extensions."""
    attributes = _attributes(event, answer, destination, attempts)
    headers = _headers(attributes, event.content_type)
    # kafka-python does not send a record that has neither a key nor a value.
    value = b"" if event.key is None and event.value is None else event.value
    return Record(dead_letter_topic(event.topic), event.key, value, headers)


def cut_letter(
    event: Incoming, answer: SinkResponse, destination: str, attempts: int, refusal: str
) -> Record:
    """Return the event without its value, with the place of the original record."""
    attributes = _attributes(event, answer, destination, attempts)
    origin = Origin(event.topic, event.partition, event.offset, event.stored)
    first = dict(sorted(attributes.items(), key=lambda item: item[0] not in _KEPT))
    content_type = event.content_type and event.content_type[:LONGEST_ATTRIBUTE]
    headers = _headers(cut_attributes(first, origin, refusal), content_type)
    key = event.key and event.key[:LONGEST_KEY]
    return Record(dead_letter_topic(event.topic), key, b"", headers)


def _attributes(
    event: Incoming, answer: SinkResponse, destination: str, attempts: int
) -> dict[str, str]:
    added = {**answer.extensions, ERROR_DESTINATION: destination, ATTEMPTS: str(attempts)}
    if answer.status is not None:
        added[ERROR_CODE] = str(answer.status)
    if answer.body:
        added[ERROR_DATA] = base64.b64encode(answer.body[:MAX_ERROR_DATA]).decode()
    stated = {**event.attributes, **added}
    # A replay would take a letter for a cut one if its event had these attributes.
    return {name: value for name, value in stated.items() if name not in LEFT_OUT}


def _headers(attributes: Mapping[str, str], content_type: str | None) -> list[tuple[str, bytes]]:
    headers = [(f"{PREFIX}{name}", value.encode()) for name, value in attributes.items()]
    if content_type is not None:
        headers.append((CONTENT_TYPE, content_type.encode()))
    return headers
