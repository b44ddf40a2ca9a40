"""No batch is without history while Redis answers, whatever else the machine does."""

import pytest

from infra.bench.history_singles import beside_batches
from infra.bench.history_under_load import Heard, burners, over_processes, over_threads
from infra.devstack.servers.redis import Redis
from tests.timing import TooSlow, in_time

_CORES_TAKEN = 4


def _silent(heard: list[Heard]) -> int:
    assert heard
    return sum(one.silent for one in heard)


@pytest.mark.parametrize("batch", [200, 500])
@pytest.mark.parametrize("callers", [1, 8])
def test_threads_of_one_process(own_redis: Redis, batch: int, callers: int) -> None:
    """Threads wait for each other and for Redis; that must not cause 500 needless reviews."""
    heard = over_threads(own_redis.settings["REDIS_URL"], batch, callers)

    assert _silent(heard) == 0


def test_threads_beside_other_work(own_redis: Redis) -> None:
    """Redis itself gets too little processor time then."""
    with burners(_CORES_TAKEN):
        heard = over_threads(own_redis.settings["REDIS_URL"], 200, 8)

    assert _silent(heard) == 0


@in_time
@pytest.mark.parametrize("batch", [200, 500])
def test_single_payments_beside_batches(own_redis: Redis, batch: int) -> None:
    """Single payments have a shorter timeout than batches, on the same server and interpreter."""
    heard = beside_batches(own_redis, batch, 8)

    assert len(heard) > 10
    if any(single.silent for single in heard):
        raise TooSlow(f"of {len(heard)} payments {[each for each in heard if each.silent]}")


def test_processes(own_redis: Redis) -> None:
    """A process does not see the replies to another process."""
    heard = over_processes(own_redis.settings["REDIS_URL"], 200, 4)

    assert _silent(heard) == 0
