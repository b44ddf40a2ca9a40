"""The real servers as fixtures: shared servers, and own servers to stop and kill.

A shared server starts with the first test that uses it, and stops at the end of the session; a
test leaves nothing in it that affects other tests. A missing server fails a test, never skips it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeVar

import pytest

from infra.devstack.servers.oidc import Oidc
from infra.devstack.servers.restartable_server import RestartableServer
from infra.devstack.servers.server_kinds import RunningServer, running_server

AnyServer = TypeVar("AnyServer", bound=RestartableServer)
OwnServer = Callable[[type[AnyServer]], AnyServer]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[RunningServer]:
    """An empty database for the whole session."""
    with running_server("postgres") as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RunningServer]:
    """One Redis for the whole session."""
    with running_server("redis") as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[RunningServer]:
    """One Redis Cluster for the whole session."""
    with running_server("redis_cluster") as server:
        yield server


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[RunningServer]:
    """A broker without topics for the whole session."""
    with running_server("kafka") as server:
        yield server


@pytest.fixture(scope="session")
def minio_server() -> Iterator[RunningServer]:
    """MinIO without buckets for the whole session."""
    with running_server("minio") as server:
        yield server


@pytest.fixture(scope="session")
def versitygw_server() -> Iterator[RunningServer]:
    """The other S3, without buckets, for the whole session."""
    with running_server("versitygw") as server:
        yield server


@pytest.fixture(scope="session")
def oidc_server() -> Iterator[Oidc]:
    """An OpenID provider for the whole session."""
    with Oidc() as server:
        yield server


@pytest.fixture
def own_server() -> Iterator[OwnServer[RestartableServer]]:
    """Starts a server for one test, to stop and kill: `own_server(Postgres)`."""
    with ExitStack() as servers:
        yield lambda kind: servers.enter_context(kind())
