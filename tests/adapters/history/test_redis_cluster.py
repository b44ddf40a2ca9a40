"""Events of a cluster: slots move, and a server fails."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from redis.crc import key_slot

from infra.devstack.servers.redis import Redis
from infra.devstack.servers.redis_cluster import RedisCluster
from risksentinel.adapters.redis.connection import RedisConnection, Reply, options_of
from risksentinel.adapters.redis.history import RedisHistory
from risksentinel.adapters.redis.history_calls import RETENTION, HistoryCalls
from risksentinel.adapters.redis.waiting import ServerActivity
from risksentinel.domain.account_side import BOUNDS
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Unavailable
from tests.adapters.history.histories import LONG_TIMEOUT, WINDOW, payment
from tests.adapters.history.outages import (
    NOTICED_WITHIN,
    brisk,
    seconds_to_notice,
    until_it_answers,
)
from tests.timing import assert_within, in_time

EVERYWHERE = [payment(f"S{n}") for n in range(50)]  # senders enough to be on each of three servers


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[RedisCluster]:
    """A cluster that the test may rearrange."""
    with RedisCluster() as cluster:
        yield cluster


def _move_slot(slot: int, nodes: tuple[Redis, ...]) -> None:
    """Move a slot without keys to another server, in the order of redis-cli: that server first.

    The new epoch makes the move win over messages that are still on the way.
    """
    own_ids = [_ask(node, b"CLUSTER", b"MYID") for node in nodes]
    ranges = _ask(nodes[0], b"CLUSTER", b"SLOTS")
    owner = next(master[2] for first, last, master in ranges if first <= slot <= last)
    heir = next(own for own in own_ids if own != owner)
    place = own_ids.index(heir)
    for node in (nodes[place], *nodes):
        _ask(node, b"CLUSTER", b"SETSLOT", b"%d" % slot, b"NODE", heir)
        _ask(nodes[place], b"CLUSTER", b"BUMPEPOCH")


def _ask(node: Redis, *words: bytes) -> Reply:
    with closing(
        RedisConnection(options_of(node.settings["REDIS_URL"]), ServerActivity())
    ) as connection:
        return connection.ask([words], LONG_TIMEOUT)[0]


def test_a_slot_that_moved_is_followed(own_cluster: RedisCluster) -> None:
    """A cluster that grows must not cost a payment its history."""
    newcomer = payment("Newcomer", "Newcomer")
    (call, _) = HistoryCalls(WINDOW, BOUNDS, RETENTION).of(newcomer)
    url = own_cluster.settings["REDIS_URL"]

    with closing(RedisHistory(url, WINDOW, timeout=LONG_TIMEOUT)) as history:
        history.record(EVERYWHERE)
        _move_slot(key_slot(call.key), own_cluster.nodes)
        (snapshot,) = history.record([newcomer])

    assert snapshot.velocity.count == 1


@in_time
@pytest.mark.parametrize("number", [0, 2])
def test_a_part_that_is_gone_is_noticed_and_found_again(
    own_cluster: RedisCluster, number: int
) -> None:
    """This holds for the server that the address names, too."""
    node = own_cluster.nodes[number]

    with brisk(own_cluster.settings["REDIS_URL"]) as history:
        until_it_answers(history, EVERYWHERE)
        node.kill()
        seconds = seconds_to_notice(history, 50)
        node.start()
        until_it_answers(history, EVERYWHERE)

    assert_within(seconds, NOTICED_WITHIN)


@in_time
def test_a_part_that_is_mute_does_not_hold_each_payment_up(own_cluster: RedisCluster) -> None:
    """The replies of other servers are no response activity of the stalled server."""
    pid = own_cluster.nodes[2].pid
    assert pid is not None
    with brisk(own_cluster.settings["REDIS_URL"]) as history:
        until_it_answers(history, EVERYWHERE)
        os.kill(pid, signal.SIGSTOP)
        try:
            seconds = sorted(_seconds(history, one) for one in EVERYWHERE[:20])
        finally:
            os.kill(pid, signal.SIGCONT)
        until_it_answers(history, EVERYWHERE)

    assert_within(seconds[-1], NOTICED_WITHIN)
    # After each pause of the circuit breaker one more payment waits for the timeout.
    assert_within(seconds[-3], 0.2)


def _seconds(history: RedisHistory, one: Transaction) -> float:
    start = time.perf_counter()
    with suppress(Unavailable):
        history.record([one])
    return time.perf_counter() - start
