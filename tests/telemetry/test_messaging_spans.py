"""Attributes of spans for events from Kafka and for published events."""

from dataclasses import replace
from typing import Any

import pytest

from infra.devstack.servers.server_kinds import RunningServer
from infra.kafka_source.incoming import incoming
from risksentinel.adapters.kafka.publisher import KafkaPublisher
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.events import transaction_received
from risksentinel.telemetry import tracing
from tests.adapters.kafka.topics import event as outbox_event
from tests.adapters.kafka.topics import make_topic, records_of
from tests.telemetry.otlp_collector import Collector
from tests.telemetry.traced_app import CALLER, OTHER, event, sent, traced_app

PLACE = {"knativekafkapartition": "3", "knativekafkaoffset": "41"}
FROM_KAFKA = {
    "messaging.system": "kafka",
    "messaging.operation.type": "process",
    "messaging.operation.name": "process",
    "messaging.destination.name": "transactions.received",
}
OF_ONE = {
    **FROM_KAFKA,
    "messaging.destination.partition.id": "3",
    "messaging.kafka.offset": 41,
    "messaging.message.id": "e1",
}


def kafka_event(name: str, traceparent: str) -> dict[str, Any]:
    """An event as a KafkaSource delivers it."""
    return {**event(name, traceparent), **PLACE}


def test_the_span_of_an_event_from_kafka_has_topic_partition_and_offset(
    collector: Collector,
) -> None:
    """With these attributes the record of a slow span can be found."""
    sent(traced_app(), kafka_event("e1", CALLER))
    tracing.stop()

    (span,) = collector.named("sample transaction.received")
    assert span.attributes.items() >= OF_ONE.items()


def test_each_event_of_a_batch_has_these_attributes_too(collector: Collector) -> None:
    """A payment is looked up by its own trace, also in a batch."""
    sent(traced_app(), kafka_event("e1", CALLER), kafka_event("e2", OTHER))
    tracing.stop()

    (together,) = collector.named("sample batch of transaction.received")
    spans = collector.named("sample transaction.received")
    assert together.attributes.items() >= {**FROM_KAFKA, "messaging.batch.message_count": 2}.items()
    assert [span.attributes["messaging.message.id"] for span in spans] == ["e1", "e2"]
    assert spans[0].attributes.items() >= OF_ONE.items()


def test_an_event_by_http_has_no_kafka_attributes(collector: Collector) -> None:
    """A span must not name a broker that was not involved."""
    sent(traced_app(), event("e1", CALLER))
    tracing.stop()

    (span,) = collector.named("sample transaction.received")
    assert not any(name.startswith("messaging.") for name in span.attributes)


def test_publishing_records_a_producer_span_in_the_trace_of_the_payment(
    collector: Collector, kafka_server: RunningServer
) -> None:
    """Without it the trace has a gap between two functions."""
    servers = kafka_server.settings["KAFKA_BOOTSTRAP_SERVERS"]
    topic = make_topic(servers)
    publisher = KafkaPublisher(KafkaSender(servers, budget=10.0))
    events = [replace(outbox_event(n, topic), traceparent=CALLER) for n in range(2)]

    deliveries = tracing.traced_publisher("score", publisher).publish(events)
    publisher.close()
    tracing.stop()

    spans = collector.named(f"publish {topic}")
    assert [delivery.outcome.value for delivery in deliveries] == ["delivered"] * 2
    assert [(span.trace_id, span.parent_id) for span in spans] == [("a" * 32, "b" * 16)] * 2
    assert spans[0].attributes == {
        "messaging.system": "kafka",
        "messaging.operation.type": "send",
        "messaging.operation.name": "publish",
        "messaging.destination.name": topic,
        "messaging.message.id": "e0",
    }
    assert spans[0].service == "score"
    carried = [incoming(record, "/o").attributes for record in records_of(servers, topic)]
    assert [each["traceparent"] for each in carried] == [CALLER] * 2


def test_a_failed_publish_is_a_failed_span(collector: Collector) -> None:
    """The trace must show why an event is not published."""
    sender = KafkaSender("127.0.0.1:9", budget=0.2)
    traced = tracing.traced_publisher("score", KafkaPublisher(sender))

    with pytest.raises(Exception, match="broker"):
        traced.publish([replace(outbox_event(0, transaction_received.TOPIC), traceparent=CALLER)])
    tracing.stop()

    (span,) = collector.named("publish transactions.received")
    assert span.failed
    assert span.attributes["error.type"] == "failed"
