"""Attributes of spans for messages, by the semantic conventions for messaging and Kafka.

The key of a record is omitted, because the key is an account number.
"""

from collections.abc import Sequence
from time import time_ns
from typing import Final

from opentelemetry.trace import SpanKind, StatusCode, Tracer

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.events.event import Event
from risksentinel.events.registry import topic_of
from risksentinel.ports.publishing import Delivery, Outcome
from risksentinel.telemetry.span_work import ROOT, context_of, under

PARTITION: Final = "knativekafkapartition"  # extensions of each event from a KafkaSource
OFFSET: Final = "knativekafkaoffset"
_MAX_DIGITS: Final = 18
_KAFKA: Final = {"messaging.system": "kafka"}
_PROCESS: Final = {"messaging.operation.type": "process", "messaging.operation.name": "process"}
_SEND: Final = {"messaging.operation.type": "send", "messaging.operation.name": "publish"}
Attributes = dict[str, str | int]


def processed(received: ReceivedEvent) -> Attributes:
    """The attributes for the processing of an event; empty if it did not come from Kafka."""
    partition, offset = (received.extensions.get(name, "") for name in (PARTITION, OFFSET))
    if not (_is_number(partition) and _is_number(offset)):
        return {}
    return {
        **_of_many(received),
        "messaging.destination.partition.id": partition,
        "messaging.kafka.offset": int(offset),
        "messaging.message.id": received.id,
    }


def batch_processed(received: Sequence[ReceivedEvent]) -> Attributes:
    """The attributes for the processing of a batch."""
    from_kafka = all(processed(event) for event in received)
    return {
        **(_of_many(received[0]) if from_kafka else {}),
        "messaging.batch.message_count": len(received),
    }


def record_published(
    tracer: Tracer, events: Sequence[Event], deliveries: Sequence[Delivery], began: int
) -> None:
    """Record a producer span for each event, in the trace of its traceparent.

    `began` is in nanoseconds since the epoch.
    """
    ended = time_ns()
    for event, delivery in zip(events, deliveries, strict=True):
        origin = context_of(event.traceparent)
        span = tracer.start_span(
            f"publish {event.topic}",
            under(origin) if origin else ROOT,
            SpanKind.PRODUCER,
            {
                **_KAFKA,
                **_SEND,
                "messaging.destination.name": event.topic,
                "messaging.message.id": event.id,
            },
            start_time=began,
        )
        if delivery.outcome is not Outcome.DELIVERED:
            span.set_status(StatusCode.ERROR)
            span.set_attribute("error.type", delivery.outcome.value)
        span.end(ended)


def _of_many(received: ReceivedEvent) -> Attributes:
    topic = topic_of(received.type)
    return {**_KAFKA, **_PROCESS, **({"messaging.destination.name": topic} if topic else {})}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
