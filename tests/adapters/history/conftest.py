"""A test that asks for `fresh` runs on memory, on a Redis and on a Redis Cluster."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from redis import Redis as Client

from infra.devstack.servers.redis import Redis
from infra.devstack.servers.server_kinds import RunningServer
from tests.adapters.history.histories import Fresh, FreshRedis, fresh_memory


@pytest.fixture(scope="session")
def memory() -> Fresh:
    """The reference."""
    return fresh_memory


@pytest.fixture(scope="session")
def redis(redis_server: RunningServer) -> Iterator[FreshRedis]:
    """On one server."""
    with closing(FreshRedis(redis_server.settings["REDIS_URL"])) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def cluster(redis_cluster: RunningServer) -> Iterator[FreshRedis]:
    """On three servers that share the keys."""
    with closing(FreshRedis(redis_cluster.settings["REDIS_URL"])) as fresh:
        yield fresh


@pytest.fixture(scope="session", params=["memory", "redis", "cluster"])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    """Each of them."""
    fresh: Fresh = request.getfixturevalue(request.param)
    return fresh


@pytest.fixture(scope="session", params=["redis", "cluster"])
def fresh_redis(request: pytest.FixtureRequest) -> FreshRedis:
    """Those that other processes share."""
    fresh: FreshRedis = request.getfixturevalue(request.param)
    return fresh


@pytest.fixture
def server(redis: FreshRedis) -> Iterator[Client]:
    """A client of the one server, which has no history yet."""
    redis()
    with Client.from_url(redis.url, legacy_responses=True) as client:
        yield client


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    """A server that the test may kill."""
    with Redis() as server:
        yield server
