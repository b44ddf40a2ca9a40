"""A shared broker, a broker that tests may stop, and their topics."""

from collections.abc import Iterator

import pytest

from infra.devstack.servers.kafka import Kafka
from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.kafka.sender import KafkaSender
from tests.adapters.kafka.sockets import no_sockets_left
from tests.adapters.kafka.topics import make_topic

__all__ = ["no_sockets_left"]


@pytest.fixture(scope="session")
def servers(kafka_server: RunningServer) -> str:
    """The shared broker's address."""
    return kafka_server.settings["KAFKA_BOOTSTRAP_SERVERS"]


@pytest.fixture
def topic(servers: str) -> str:
    """A new topic of two partitions."""
    return make_topic(servers, partitions=2)


@pytest.fixture
def sender(servers: str) -> Iterator[KafkaSender]:
    """A sender with time enough for a busy machine."""
    sender = KafkaSender(servers, budget=10.0)
    yield sender
    sender.close()


@pytest.fixture(scope="package")
def own_kafka() -> Iterator[Kafka]:
    """A broker of this folder alone, with the topics as `risksentinel topics` makes them."""
    with Kafka() as server:
        yield server


@pytest.fixture(scope="package")
def own_servers(own_kafka: Kafka) -> str:
    """Its address."""
    return own_kafka.settings["KAFKA_BOOTSTRAP_SERVERS"]
