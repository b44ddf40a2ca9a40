"""The topics that the functions need: their settings, and how they are created."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from risksentinel.adapters.kafka.brokers import Servers
from risksentinel.adapters.kafka.clients import KafkaError, open_admin, topic_resource
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.events.registry import EVENTS, consumed_topics, dead_letter_topic

DAY_MS: Final = 24 * 60 * 60 * 1000
DEAD_LETTER_DAYS: Final = 30  # an operator must look at them, and may be on leave
DEAD_LETTER_PARTITIONS: Final = 1  # letters are few, and are read in one order
LARGEST_RECORD: Final = 1_048_588  # Kafka's default, just above the mebibyte limit of a function
ROOM_FOR_REASONS: Final = 65_536  # a dead letter is the event and its reason
LARGEST_LETTER: Final = LARGEST_RECORD + ROOM_FOR_REASONS
_ALREADY_THERE: Final = 36  # Kafka's TOPIC_ALREADY_EXISTS: another process created it
_BUDGET: Final = 10.0


@dataclass(frozen=True, slots=True)
class Topic:
    """The settings that a topic must have."""

    name: str
    partitions: int
    replicas: int
    settings: Mapping[str, str]


def needed_topics(partitions: int, replicas: int) -> list[Topic]:
    """Every topic, and a dead letter topic for each consumed one."""
    events = [
        Topic(name, partitions, replicas, _settings(event.retention_days, replicas, LARGEST_RECORD))
        for name, event in EVENTS.items()
    ]
    letters = _settings(DEAD_LETTER_DAYS, replicas, LARGEST_LETTER)
    return [
        *events,
        *(
            Topic(dead_letter_topic(name), DEAD_LETTER_PARTITIONS, replicas, letters)
            for name in consumed_topics()
        ),
    ]


def _settings(days: int, replicas: int, largest: int) -> Mapping[str, str]:
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(days * DAY_MS),
        "max.message.bytes": str(largest),
        # One replica may be unavailable during an upgrade; `acks=all` then still means two copies.
        "min.insync.replicas": str(max(1, replicas - 1)),
        # The producer's codec: the source reads every codec of Kafka.
        "compression.type": "producer",
    }


class KafkaTopics:
    """Compares the broker's topics with the needed ones. An existing topic is never changed."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    def missing(self, needed: Sequence[Topic]) -> list[str]:
        """The needed topics that do not exist."""
        with self._admin() as admin:
            there = _described(admin, needed)
        return [topic.name for topic in needed if topic.name not in there]

    def differing(self, needed: Sequence[Topic]) -> list[str]:
        """A sentence for each difference between existing topics and the needed ones.

        More partitions than needed are no difference: a topic can grow, and never shrinks.
        """
        with self._admin() as admin:
            there = _described(admin, needed)
            found = [topic for topic in needed if topic.name in there]
            settings = _configured(admin, found)
        return [
            f"{topic.name}: {difference}"
            for topic in found
            for difference in _differences(topic, there[topic.name], settings[topic.name])
        ]

    def create(self, topics: Sequence[Topic]) -> None:
        """Create topics; a topic that another process creates meanwhile is accepted.

        Raises:
            Misconfigured: the broker refuses a topic; the message has its reason.
        """
        if not topics:
            return
        with self._admin() as admin:
            answer = admin.create_topics(
                {topic.name: _creatable(topic) for topic in topics}, raise_errors=False
            )
            for made in answer["topics"]:
                if made["error_code"] not in {0, _ALREADY_THERE}:
                    raise Misconfigured(f"{made['name']}: {made['error_message']}")
            admin.wait_for_topics([topic.name for topic in topics])

    def _admin(self) -> "_Admin":
        return _Admin(self._servers)


@dataclass(slots=True)
class _Admin:
    """kafka-python's admin client for one block; maps its errors to Unavailable."""

    servers: Servers
    client: Any = None

    def __enter__(self) -> Any:  # noqa: ANN401 - kafka-python's own
        self.client = open_admin(self.servers, _BUDGET)
        return self.client

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.client.close()
        if isinstance(error, KafkaError):
            raise Unavailable("broker", error) from None


def _described(admin: Any, needed: Sequence[Topic]) -> dict[str, Any]:  # noqa: ANN401
    described = admin.describe_topics([topic.name for topic in needed])
    return {topic["name"]: topic for topic in described if topic["error_code"] == 0}


def _configured(admin: Any, topics: Sequence[Topic]) -> Mapping[str, Mapping[str, Any]]:  # noqa: ANN401
    if not topics:
        return {}
    resources = [topic_resource(topic.name) for topic in topics]
    found: Mapping[str, Mapping[str, Any]] = admin.describe_configs(resources, config_filter="all")[
        "topic"
    ]
    return found


def _differences(
    topic: Topic, found: Mapping[str, Any], settings: Mapping[str, Any]
) -> Iterator[str]:
    partitions = len(found["partitions"])
    if partitions < topic.partitions:
        yield (
            f"{partitions} partitions, not {topic.partitions}; adding some moves keys to other "
            "partitions: let the topic run empty first"
        )
    replicas = min(len(partition["replica_nodes"]) for partition in found["partitions"])
    if replicas < topic.replicas:
        yield f"{replicas} replicas, not {topic.replicas}"
    for name, wanted in topic.settings.items():
        value = settings[name]["value"]
        if value != wanted:
            yield f"{name} is {value}, not {wanted}"


def _creatable(topic: Topic) -> dict[str, object]:
    return {
        "num_partitions": topic.partitions,
        "replication_factor": topic.replicas,
        "configs": dict(topic.settings),
    }
