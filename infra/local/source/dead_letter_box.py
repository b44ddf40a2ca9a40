"""An event that is given up goes to `<topic>.dlq`, with what was answered, as Knative writes it."""

import base64
from dataclasses import dataclass
from typing import Final

from infra.local.source.answers import Answer
from infra.local.source.incoming import Incoming
from risksentinel.adapters.kafka_dead_letters import (
    ATTEMPTS,
    ERROR_CODE,
    ERROR_DATA,
    ERROR_DESTINATION,
)
from risksentinel.adapters.kafka_records import CONTENT_TYPE, PREFIX, Record
from risksentinel.adapters.kafka_sender import KafkaSender
from risksentinel.errors import Unavailable
from risksentinel.events.topics import dead_letter_topic
from risksentinel.ports.announcements import Delivery, Outcome

MOST_ERROR_DATA: Final = 1024


@dataclass(frozen=True, slots=True)
class DeadLetterBox:
    """Writes dead letters."""

    sender: KafkaSender
    destination: str

    def put(self, event: Incoming, answer: Answer, attempts: int) -> Delivery:
        """Write one; anything but DELIVERED says why it is not there."""
        try:
            return self.sender.send([letter(event, answer, self.destination, attempts)])[0]
        except Unavailable as unavailable:
            return Delivery(Outcome.FAILED, str(unavailable))


def letter(event: Incoming, answer: Answer, destination: str, attempts: int) -> Record:
    """The event as it was delivered, with the answer as extensions."""
    added = {**answer.extensions, ERROR_DESTINATION: destination, ATTEMPTS: str(attempts)}
    if answer.status is not None:
        added[ERROR_CODE] = str(answer.status)
    if answer.body:
        added[ERROR_DATA] = base64.b64encode(answer.body[:MOST_ERROR_DATA]).decode()
    headers = [(f"{PREFIX}{n}", v.encode()) for n, v in {**event.attributes, **added}.items()]
    if event.content_type is not None:
        headers.append((CONTENT_TYPE, event.content_type.encode()))
    return Record(dead_letter_topic(event.topic), event.key, event.value, headers)
