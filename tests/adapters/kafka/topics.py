"""Topics for tests: made, and read to their end."""

import time
from datetime import UTC, datetime
from uuid import uuid4

from risksentinel.adapters.kafka.brokers import Servers
from risksentinel.adapters.kafka.clients import open_admin
from risksentinel.adapters.kafka.log import KafkaLog
from risksentinel.adapters.kafka.records import Record, event_of
from risksentinel.adapters.kafka.topics import KafkaTopics, Topic
from risksentinel.adapters.kafka.types import ConsumerRecord
from risksentinel.events.event import Event

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def make_topic(servers: str, partitions: int = 1, *, letters: bool = False) -> str:
    """Create a topic, with a dead letter topic if requested."""
    name = f"test-{uuid4()}"
    topics = [Topic(name, partitions, 1, {})]
    if letters:
        topics.append(Topic(f"{name}.dlq", 1, 1, {}))
    KafkaTopics(servers).create(topics)
    return name


def delete_topic(servers: str, topic: str) -> None:
    """Delete a topic, and wait for the deletion."""
    admin = open_admin(servers, 10.0)
    admin.delete_topics([topic])
    while topic in admin.list_topics():
        time.sleep(0.05)
    admin.close()


def records_of(servers: Servers, topic: str) -> list[ConsumerRecord]:
    """Everything in the topic, partition by partition."""
    with KafkaLog.opened(servers) as log:
        return [
            record
            for partition in sorted(log.partitions(topic))
            for record in log.between(partition, *log.ends(partition))
        ]


def events_of(servers: Servers, topic: str) -> list[Event]:
    """The events in the topic, partition by partition."""
    return [
        event_of(topic, Record(topic, r.key, r.value, [(n, v or b"") for n, v in r.headers]))
        for r in records_of(servers, topic)
    ]


def event(number: int, topic: str, key: str = "ZA-1", **data: object) -> Event:
    """An event with an id of its number."""
    return Event(
        topic, f"e{number}", "test", "/tests", f"s{number}", key, AT, {"n": number, **data}
    )
