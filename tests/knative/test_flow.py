from collections.abc import Mapping

import pytest

from infra.devstack.stack.topology import FUNCTIONS, SWEEP
from risksentinel.adapters.kafka.topics import needed_topics
from risksentinel.events.registry import (
    EVENTS,
    consumed_topics,
    dead_letter_topic,
)
from tests.knative.kustomized import (
    KNATIVE,
    OVERLAYS,
    Manifest,
    containers,
    objects,
    of_kind,
    services,
    settings,
    text_of,
)

OWN_SOURCE = ["python", "-m", "infra.kafka_source"]
REPLICAS = {"laptop": 1, "production": 3, "high-volume": 3}


def group_of(topic: str, function: str) -> str:
    """Return the consumer group of a topic's source, which is also the name of the source."""
    return f"{topic.replace('.', '-')}--to--{function}"


def own_sources(overlay: str) -> dict[str, tuple[str, str]]:
    """Return consumer group and sink by topic, of the sources that are Deployments."""
    found = {}
    for deployment in of_kind("Deployment", objects(overlay)).values():
        for container in containers(deployment["spec"]["template"]):
            if container["command"] == OWN_SOURCE:
                told = dict(each.removeprefix("--").split("=", 1) for each in container["args"])
                found[told["topic"]] = (told["group"], told["sink"])
    return found


def knative_sources(overlay: str) -> dict[str, Manifest]:
    """Return Knative's sources by topic."""
    sources = of_kind("KafkaSource", objects(overlay)).values()
    return {topic: each for each in sources for topic in each["spec"]["topics"]}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_there_is_a_service_for_every_function_and_no_other(overlay: str) -> None:
    """Each function has a Knative Service, and there is no other."""
    assert set(services(overlay)) == {function.name for function in FUNCTIONS}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_consumed_topic_has_one_source(overlay: str) -> None:
    """Each consumed topic has exactly one source, or events would be handled twice or never."""
    knatives, own = knative_sources(overlay), own_sources(overlay)

    assert sorted([*knatives, *own]) == sorted(consumed_topics())
    for topic, source in knatives.items():
        function = EVENTS[topic].consumer
        assert source["spec"]["sink"]["ref"]["name"] == function
        assert source["spec"]["consumerGroup"] == source["metadata"]["name"]
        assert source["metadata"]["name"] == group_of(topic, str(function))
    for topic, (group, sink) in own.items():
        assert group == group_of(topic, str(EVENTS[topic].consumer))
        assert sink == f"http://{EVENTS[topic].consumer}.risksentinel.svc.cluster.local/"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_source_starts_at_the_oldest_event_and_sets_all_delivery_fields(overlay: str) -> None:
    """Sources start at the oldest event, and set all delivery fields, because defaults differ."""
    for source in knative_sources(overlay).values():
        assert source["spec"]["initialOffset"] == "earliest"
        assert set(source["spec"]["delivery"]) == {
            "retry",
            "backoffPolicy",
            "backoffDelay",
            "timeout",
            "deadLetterSink",
        }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_dead_letters_go_to_the_topic_s_own_dead_letter_topic(overlay: str) -> None:
    """Dead letters go to the topics that `risksentinel dlq` reads and replays."""
    sinks = of_kind("KafkaSink", objects(overlay))

    for topic, source in knative_sources(overlay).items():
        letters = sinks[source["spec"]["delivery"]["deadLetterSink"]["ref"]["name"]]
        assert letters["spec"]["topic"] == dead_letter_topic(topic)
        assert letters["spec"]["contentMode"] == "binary"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_topics_are_those_of_the_code(overlay: str) -> None:
    """The KafkaTopics are those that `risksentinel topics` creates."""
    found = of_kind("KafkaTopic", objects(overlay))
    partitions = max(topic["spec"]["partitions"] for topic in found.values())

    needed = needed_topics(partitions, REPLICAS[overlay])

    assert set(found) == {topic.name for topic in needed}
    for topic in needed:
        spec = dict(found[topic.name]["spec"])
        assert _settings(spec.pop("config")) == topic.settings
        assert spec == {"partitions": topic.partitions, "replicas": topic.replicas}
        assert found[topic.name]["metadata"]["labels"]["strimzi.io/cluster"] == "risksentinel"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_timer_sweeps_where_the_function_listens(overlay: str) -> None:
    """The timer posts to the route that sweeps the outbox."""
    (timer,) = of_kind("PingSource", objects(overlay)).values()
    function, path = SWEEP

    assert timer["spec"]["sink"]["ref"]["name"] == function
    assert timer["spec"]["sink"]["uri"] == path


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_kafka_address_is_that_of_the_settings(overlay: str) -> None:
    """All objects have the Kafka address of the settings."""
    address = settings(overlay)["data"]["KAFKA_BOOTSTRAP_SERVERS"]

    for kind in ("KafkaSource", "KafkaSink"):
        for each in of_kind(kind, objects(overlay)).values():
            assert each["spec"]["bootstrapServers"] == [address]
    for scaled in of_kind("ScaledObject", objects(overlay)).values():
        (trigger,) = scaled["spec"]["triggers"]
        assert trigger["metadata"]["bootstrapServers"] == address
        assert (trigger["metadata"]["consumerGroup"], trigger["metadata"]["topic"]) in {
            (group, topic) for topic, (group, _) in own_sources(overlay).items()
        }
    assert "stated-by-the-overlay" not in text_of(KNATIVE / "overlays" / overlay)


def _settings(config: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in config.items()}
