import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Never

import pytest
from redis.connection import Connection

from infra.devstack.servers.redis import Redis
from risksentinel.adapters.redis import client as client_module
from risksentinel.adapters.redis.client import (
    BATCH_TIMEOUT,
    PAUSE,
    TIMEOUT,
    TIMEOUT_AFTER_ANSWER,
    Command,
    RedisClient,
)
from risksentinel.adapters.redis.waiting import ResponseTimeouts
from risksentinel.errors import Unavailable
from tests.adapters.history.histories import LONG_TIMEOUT
from tests.adapters.history.outages import BATCH_NOTICED_WITHIN
from tests.timing import assert_within, in_time

pytestmark = in_time

PING = Command(b"any", (b"PING",))


def _client(server: Redis, timeout: float) -> RedisClient:
    return RedisClient(server.settings["REDIS_URL"], (), "store", timeout)


def _busy(turns: int) -> Command:
    script = b"local n = 0 for i = 1, %d do n = n + i end return 1" % turns
    return Command(b"any", (b"EVAL", script, b"0"))


def _turns_of(client: RedisClient, seconds: float) -> int:
    """How many turns take the server so long, here and now."""
    start = time.perf_counter()
    client.run([_busy(5_000_000)])
    return int(5_000_000 * seconds / (time.perf_counter() - start))


def test_a_server_that_answers_too_slowly_is_one_that_is_gone(own_redis: Redis) -> None:
    """Each reply in time does not make a batch in time."""
    with closing(_client(own_redis, 0.15)) as client:
        client.warm_up(1, LONG_TIMEOUT)
        start = time.perf_counter()
        with pytest.raises(Unavailable):
            client.run([_busy(20_000_000)] * 500)

    assert_within(time.perf_counter() - start, BATCH_NOTICED_WITHIN)


def test_a_batch_that_takes_long_is_answered(own_redis: Redis) -> None:
    """The timeout applies to each response, not to the batch."""
    with closing(_client(own_redis, TIMEOUT)) as client:
        client.warm_up(1, LONG_TIMEOUT)
        with closing(_client(own_redis, LONG_TIMEOUT)) as patient:
            busy = _busy(_turns_of(patient, 0.001))

        assert client.run([busy] * 600) == [1] * 600


def test_a_large_batch_does_not_hold_up_a_single_payment(own_redis: Redis) -> None:
    """Redis runs all commands it has read from one client before those of the next."""
    waited = []
    with (
        closing(_client(own_redis, LONG_TIMEOUT)) as large,
        closing(_client(own_redis, LONG_TIMEOUT)) as single,
        ThreadPoolExecutor(1) as thread,
    ):
        single.warm_up(1, LONG_TIMEOUT)
        batch = thread.submit(large.run, [_busy(_turns_of(large, 0.002))] * 500)
        while not batch.done():
            start = time.perf_counter()
            single.run([PING])
            waited.append(time.perf_counter() - start)

    assert_within(max(waited), 0.25)


def test_replies_that_are_there_are_read_however_late_we_are(
    own_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process without processor time must not take Redis for unavailable."""
    read: Callable[..., object] = Connection.read_response

    def slowly(connection: Connection) -> object:
        time.sleep(0.02)
        return read(connection)

    with closing(_client(own_redis, 0.3)) as client:
        client.warm_up(1, LONG_TIMEOUT)
        monkeypatch.setattr(Connection, "read_response", slowly)

        assert client.run([PING] * 20) == [b"PONG"] * 20


def test_a_server_that_was_gone_a_moment_ago_is_not_waited_for_as_long(
    own_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One payment finds out, the next ones need not; a batch has its own timeout."""
    waited: list[float] = []

    def gone(_: object, timeout: ResponseTimeouts) -> Never:
        waited.append(timeout.sound)
        raise TimeoutError

    monkeypatch.setattr(client_module, "exchanged", gone)
    with closing(_client(own_redis, TIMEOUT)) as client:
        client.warm_up(1, LONG_TIMEOUT)
        for commands in (1, 1, 100):
            with pytest.raises(Unavailable):
                client.run([PING] * commands)

    assert waited == [TIMEOUT_AFTER_ANSWER, TIMEOUT, BATCH_TIMEOUT]


def test_a_warm_client_opens_no_connection_while_payments_wait(own_redis: Redis) -> None:
    """The first payments after a start find everything open."""
    with own_redis.client() as onlooker, closing(_client(own_redis, LONG_TIMEOUT)) as client:
        client.warm_up(4, LONG_TIMEOUT)
        before = onlooker.info("stats")["total_connections_received"]
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: client.run([PING]), range(40)))
        after = onlooker.info("stats")["total_connections_received"]

    assert after == before


def test_a_connection_that_comes_back_after_the_end_is_closed(own_redis: Redis) -> None:
    """Another thread may have closed the client meanwhile, and the connection would stay open."""
    with own_redis.client() as onlooker:
        client = _client(own_redis, LONG_TIMEOUT)
        (node,) = client.nodes()
        lent = node.borrow(LONG_TIMEOUT)

        client.close()
        node.give_back(lent)
        clients = onlooker.client_list()

    assert len(clients) == 1


def test_connections_that_work_outlive_one_that_is_slow_to_open(
    own_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a slow handshake, one more caller must not close the connections of the others."""
    with closing(_client(own_redis, 0.5)) as client:
        client.warm_up(1, LONG_TIMEOUT)
        (node,) = client.nodes()
        lent = node.borrow(LONG_TIMEOUT)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: time.sleep(1))
        with pytest.raises(Unavailable):
            client.run([PING])
        node.give_back(lent)
        time.sleep(PAUSE)

        assert client.run([PING]) == [b"PONG"]


def test_a_late_reply_is_waited_for_on_the_connection_that_is_open(own_redis: Redis) -> None:
    """A new connection takes several answers of a Redis that was too busy for one."""
    with own_redis.client() as onlooker, closing(_client(own_redis, 0.2)) as client:
        client.warm_up(1, LONG_TIMEOUT)
        before = onlooker.info("stats")["total_connections_received"]
        with closing(_client(own_redis, LONG_TIMEOUT)) as other, ThreadPoolExecutor(1) as thread:
            late = thread.submit(other.run, [_busy(_turns_of(other, 0.3))])
            time.sleep(0.01)
            with suppress(Unavailable):
                client.run([Command(b"any", (b"ECHO", b"late"))])
            reply = client.run([PING])
            late.result()
        after = onlooker.info("stats")["total_connections_received"]

    assert reply == [b"PONG"]
    assert after == before + 1
