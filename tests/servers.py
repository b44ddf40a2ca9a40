"""The real servers as fixtures: shared servers, and own servers to stop and kill.

A shared server starts with the first test that uses it, and stops at the end of the session; a
test leaves nothing in it that affects other tests. A missing server fails a test, never skips it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeVar

import pytest

from infra.devstack.servers.found import Found, found
from infra.devstack.servers.supervised import Supervised

AnyServer = TypeVar("AnyServer", bound=Supervised)
OwnServer = Callable[[type[AnyServer]], AnyServer]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Found]:
    """An empty database for the whole session."""
    with found("postgres") as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Found]:
    """One Redis for the whole session."""
    with found("redis") as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[Found]:
    """One Redis Cluster for the whole session."""
    with found("redis_cluster") as server:
        yield server


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[Found]:
    """A broker without topics for the whole session."""
    with found("kafka") as server:
        yield server


@pytest.fixture(scope="session")
def minio_server() -> Iterator[Found]:
    """MinIO without buckets for the whole session."""
    with found("minio") as server:
        yield server


@pytest.fixture(scope="session")
def versitygw_server() -> Iterator[Found]:
    """The other S3, without buckets, for the whole session."""
    with found("versitygw") as server:
        yield server


@pytest.fixture
def own_server() -> Iterator[OwnServer[Supervised]]:
    """Starts a server for one test, to stop and kill: `own_server(Postgres)`."""
    with ExitStack() as servers:
        yield lambda kind: servers.enter_context(kind())
