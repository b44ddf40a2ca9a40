"""The registry of event types against the manifests of every platform."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from infra.generate.asyncapi import DOCUMENT
from infra.generate.asyncapi_payloads import PAYLOADS
from risksentinel.events.payment_submitted import PLAIN_RECORD
from risksentinel.events.registry import (
    EVENTS,
    PING,
    consumed_topics,
    dead_letter_topic,
    is_known,
    origin_of,
    topic_of,
)

ROOT = Path(__file__).parents[2]
BASE = ROOT / "knative" / "base"
DAY_MS = 24 * 60 * 60 * 1000


def manifests(folder: str, kind: str) -> list[dict[str, Any]]:
    """The objects of one kind in a folder of knative/base."""
    documents = (
        document
        for file in sorted((BASE / folder).glob("*.yaml"))
        for document in yaml.safe_load_all(file.read_text())
    )
    return [document for document in documents if document and document["kind"] == kind]


def test_knative_has_each_topic_with_its_retention() -> None:
    """A topic that the broker makes by itself has one partition and another retention."""
    retention = {
        topic["spec"].get("topicName", topic["metadata"]["name"]): int(
            topic["spec"]["config"]["retention.ms"]
        )
        for topic in manifests("topics", "KafkaTopic")
    }

    events = {topic: event.retention_days * DAY_MS for topic, event in EVENTS.items()}
    letters = {dead_letter_topic(topic) for topic in consumed_topics()}

    assert {name: retention[name] for name in events} == events
    assert retention.keys() == {*events, *letters}


def test_knative_has_one_source_for_each_consumed_topic() -> None:
    """Without a source the events of a topic stay unhandled; two sources handle them twice."""
    consumers = [
        (topic, source["spec"]["sink"]["ref"]["name"])
        for source in manifests("sources", "KafkaSource")
        for topic in source["spec"]["topics"]
    ]

    assert sorted(consumers) == sorted(
        (topic, EVENTS[topic].consumer) for topic in consumed_topics()
    )


def test_compose_has_one_source_for_each_consumed_topic() -> None:
    """Docker Compose runs the same flows as the cluster."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    consumers = {
        name.removeprefix("source-"): tuple(
            value
            for option, value in zip(service["command"], service["command"][1:], strict=False)
            if option == "--topic"
        )
        for name, service in services.items()
        if name.startswith("source-")
    }

    assert consumers == {name: consumed_topics(name) for name in consumers}
    assert consumers.keys() == {EVENTS[topic].consumer for topic in consumed_topics()}


def test_openfaas_subscribes_each_consumer_to_its_topics() -> None:
    """The kafka-connector delivers a topic to the functions whose annotation names the topic."""
    stack = yaml.safe_load((ROOT / "infra/openfaas/stack.yaml").read_text())["functions"]

    subscribed = {
        name: function["annotations"]["topic"]
        for name, function in stack.items()
        if "topic" in function.get("annotations", {})
    }

    consumers = {str(EVENTS[topic].consumer) for topic in consumed_topics()}
    assert subscribed == {name: ",".join(consumed_topics(name)) for name in consumers}


def test_asyncapi_describes_each_event_type() -> None:
    """Consumers generate their classes from the document."""
    channels = json.loads(DOCUMENT.read_bytes())["channels"]

    described = {
        topic: [message["name"] for message in channel["messages"].values()]
        for topic, channel in channels.items()
    }

    assert described == {topic: [event.type] for topic, event in EVENTS.items()}
    assert PAYLOADS.keys() == EVENTS.keys()


def test_each_file_of_an_event_is_registered() -> None:
    """An event type that is not registered has no topic, and metrics count it as unknown."""
    folder = ROOT / "shared/risksentinel/events"
    written = {
        found.group(1)
        for file in folder.glob("*.py")
        for found in re.finditer(r'^TYPE: Final = "(.+)"$', file.read_text(), re.MULTILINE)
    }

    assert written == {event.type for event in EVENTS.values()}


def test_a_type_leads_to_its_topic() -> None:
    """A span names the topic of an event by the event's type."""
    assert {topic_of(event.type): event for event in EVENTS.values()} == EVENTS
    assert topic_of(PLAIN_RECORD) == "payments.submitted"
    assert topic_of(PING) is None
    assert topic_of("invented") is None
    assert is_known(PING)
    assert not is_known("invented")


def test_a_dead_letter_topic_leads_back_to_its_topic() -> None:
    """`risksentinel dlq replay` sends the events back to the topic that they came from."""
    assert dead_letter_topic("alerts.raised") == "alerts.raised.dlq"
    assert origin_of("alerts.raised.dlq") == "alerts.raised"
