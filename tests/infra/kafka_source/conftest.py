"""The shared broker, and a topic with a dead letter topic for each test."""

from collections.abc import Iterator

import pytest

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.kafka.sender import KafkaSender
from tests.adapters.kafka.sockets import no_sockets_left
from tests.adapters.kafka.topics import make_topic

__all__ = ["no_sockets_left"]


@pytest.fixture(scope="session")
def servers(kafka_server: RunningServer) -> str:
    """The address of the shared broker."""
    return kafka_server.settings["KAFKA_BOOTSTRAP_SERVERS"]


@pytest.fixture(scope="module")
def sender(servers: str) -> Iterator[KafkaSender]:
    """A sender of records."""
    sender = KafkaSender(servers, budget=10.0)
    yield sender
    sender.close()


@pytest.fixture
def topic(servers: str) -> str:
    """A topic of one partition, with its dead letter topic."""
    return make_topic(servers, letters=True)
