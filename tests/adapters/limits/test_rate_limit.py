"""The rate limit in memory, in Redis, and while Redis is away."""

from collections.abc import Callable

import pytest

from infra.devstack.servers.redis import Redis
from infra.devstack.servers.restartable_server import RestartableServer
from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.limits.rate_limit import CountedRate
from risksentinel.adapters.system_clock import new_id, now
from tests.servers import OwnServer

Limit = Callable[[str], CountedRate]


@pytest.fixture(params=["memory", "redis"])
def limited(request: pytest.FixtureRequest) -> Limit:
    """Makes a limit of this rate."""
    if request.param == "memory":
        return lambda rate: CountedRate(rate, now)
    server: RunningServer = request.getfixturevalue("redis_server")
    return lambda rate: CountedRate(rate, now, server.settings["REDIS_URL"])


def test_a_caller_gets_its_rate_and_then_waits(limited: Limit) -> None:
    """The seconds to wait become Retry-After."""
    limit, caller = limited("3/hour"), new_id()

    taken = [limit.take(caller, 1) for _ in range(4)]

    assert taken[:3] == [None, None, None]
    assert taken[3] is not None
    assert 0 < taken[3] <= 3600


def test_each_caller_has_its_own_rate(limited: Limit) -> None:
    """One caller must not use the rate of another."""
    limit = limited("1/hour")

    assert limit.take(new_id(), 1) is None
    assert limit.take(new_id(), 1) is None


def test_a_batch_costs_each_payment(limited: Limit) -> None:
    """Otherwise 500 payments in a batch would cost one."""
    limit, caller = limited("10/hour"), new_id()

    assert limit.take(caller, 8) is None
    assert limit.take(caller, 3) is not None
    assert limit.take(caller, 2) is None, "what is refused is not counted"


def test_a_batch_beyond_the_whole_limit_costs_the_whole_limit(limited: Limit) -> None:
    """It could never be sent otherwise, and 429 would ask to retry for ever."""
    limit, caller = limited("10/hour"), new_id()

    assert limit.take(caller, 500) is None
    assert limit.take(caller, 1) is not None


def test_processes_share_the_rate_in_redis(redis_server: RunningServer) -> None:
    """A function with ten pods must not have ten times the rate."""
    url, caller = redis_server.settings["REDIS_URL"], new_id()

    assert CountedRate("1/hour", now, url).take(caller, 1) is None
    assert CountedRate("1/hour", now, url).take(caller, 1) is not None


def test_without_redis_each_process_counts_by_itself(
    own_server: OwnServer[RestartableServer],
) -> None:
    """An outage of Redis must not lift every limit."""
    seconds = [0.0]
    server = own_server(Redis)
    limit = CountedRate("2/hour", now, server.settings["REDIS_URL"], lambda: seconds[0])
    assert limit.take("a", 1) is None
    server.stop()

    assert [limit.take("a", 1) is None for _ in range(3)] == [True, True, False]
    seconds[0] = 60.0
    assert limit.take("a", 1) is not None
