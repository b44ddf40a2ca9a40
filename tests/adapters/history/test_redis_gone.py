"""A payment never waits for an unavailable history, and uses it again after recovery."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from threading import Timer

import pytest

from infra.devstack.servers.password import password_of
from infra.devstack.servers.redis import Redis
from risksentinel.adapters.redis.client import FAILURES
from risksentinel.adapters.redis.history import RedisHistory
from risksentinel.errors import Misconfigured
from tests.adapters.history.histories import LONG_TIMEOUT, WINDOW, payment
from tests.adapters.history.outages import (
    BATCH_NOTICED_WITHIN,
    NOTICED_AGAIN_WITHIN,
    NOTICED_WITHIN,
    brisk,
    seconds_to_notice,
    until_it_answers,
)
from tests.timing import assert_within, in_time

pytestmark = in_time


def _freeze(server: Redis) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)


def _thaw(server: Redis) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGCONT)


@contextmanager
def _used(server: Redis) -> Iterator[RedisHistory]:
    with brisk(server.settings["REDIS_URL"]) as history:
        until_it_answers(history)
        yield history


@pytest.mark.parametrize(("payments", "within"), [(1, NOTICED_WITHIN), (500, BATCH_NOTICED_WITHIN)])
@pytest.mark.parametrize("away", [Redis.kill, Redis.stop, _freeze])
def test_it_is_noticed_in_time(
    own_redis: Redis, away: Callable[[Redis], None], payments: int, within: float
) -> None:
    """A single payment waits for the answer; a batch may wait a little longer."""
    with _used(own_redis) as history:
        away(own_redis)
        seconds = seconds_to_notice(history, payments)

    assert_within(seconds, within)
    if away is _freeze:
        _thaw(own_redis)


def test_those_who_come_next_do_not_wait_again(own_redis: Redis) -> None:
    """A timeout for each batch would hold up a whole queue of payments."""
    with _used(own_redis) as history:
        _freeze(own_redis)
        first = seconds_to_notice(history, 1)
        seconds = sum(seconds_to_notice(history, 1) for _ in range(9))
        _thaw(own_redis)

    assert_within(first, NOTICED_WITHIN)
    assert_within(seconds, NOTICED_AGAIN_WITHIN)


def test_a_batch_outlasts_a_redis_that_did_not_get_its_turn(own_redis: Redis) -> None:
    """On a busy machine an answer takes a quarter of a second; 500 payments must not be silent."""
    batch = [payment(f"S{n}") for n in range(500)]
    with _used(own_redis) as history:
        _freeze(own_redis)
        back = Timer(0.25, _thaw, [own_redis])
        back.start()
        snapshots = history.record(batch)
        back.join()

    assert len(snapshots) == len(batch)


def test_a_batch_tries_what_single_payments_left_alone(own_redis: Redis) -> None:
    """Short timeouts can expire while Redis is only busy; batches have longer ones."""
    with _used(own_redis) as history:
        _freeze(own_redis)
        for _ in range(FAILURES):
            seconds_to_notice(history, 1)
        _thaw(own_redis)
        snapshots = history.record([payment(f"S{n}") for n in range(50)])

    assert len(snapshots) == 50


@pytest.mark.parametrize(
    ("away", "back"), [(Redis.kill, Redis.start), (Redis.stop, Redis.start), (_freeze, _thaw)]
)
def test_it_is_found_again(
    own_redis: Redis, away: Callable[[Redis], None], back: Callable[[Redis], None]
) -> None:
    """After an outage of the history store no restart is needed."""
    with _used(own_redis) as history:
        away(own_redis)
        seconds_to_notice(history, 1)
        back(own_redis)
        until_it_answers(history)


def test_a_restart_between_two_payments_goes_unnoticed(own_redis: Redis) -> None:
    """A connection that ended while idle is no failure of the server."""
    with closing(
        RedisHistory(own_redis.settings["REDIS_URL"], WINDOW, timeout=LONG_TIMEOUT)
    ) as history:
        history.record([payment()])
        own_redis.restart()
        (snapshot,) = history.record([payment()])

    assert snapshot.velocity.count >= 1


def test_an_address_that_swallows_everything_is_noticed_in_time() -> None:
    """A firewall or a lost node sends no refusal."""
    with ExitStack() as sockets:
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # the listen queue is full then
            waiting = sockets.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(listener.getsockname())

        with brisk(f"redis://127.0.0.1:{listener.getsockname()[1]}") as history:
            seconds = seconds_to_notice(history, 1)

    assert_within(seconds, NOTICED_WITHIN)


def test_a_slow_name_lookup_delays_no_payment(
    own_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Resolvers have timeouts of their own; the connection that comes late is used all the same."""
    look_up: Callable[..., object] = socket.getaddrinfo

    def slowly(*what: object) -> object:
        time.sleep(0.5)
        return look_up(*what)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with brisk(own_redis.settings["REDIS_URL"]) as history:
        seconds = seconds_to_notice(history, 1)
        until_it_answers(history)

    assert_within(seconds, NOTICED_WITHIN)


@pytest.mark.parametrize(
    ("setting", "value"), [("maxmemory", "1"), ("requirepass", "secret"), ("maxclients", "1")]
)
def test_a_server_that_refuses_is_one_that_does_not_answer(
    own_redis: Redis, setting: str, value: str
) -> None:
    """A payment is scored without history, whatever the reason why Redis does not answer."""
    with own_redis.client() as client:
        client.config_set(setting, value)

        with brisk(own_redis.settings["REDIS_URL"]) as history:
            seconds_to_notice(history, 1)


def test_a_failover_behind_a_name_is_followed(
    own_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old master still answers, but with errors only; the name resolves to the new one."""
    look_up: Callable[..., object] = socket.getaddrinfo
    heir = Redis()
    (heir.folder / "password").write_text(password_of(own_redis.folder))
    with heir, own_redis.client() as old:
        leads_to = [own_redis.port]
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda _, __, *how: look_up("127.0.0.1", leads_to[0], *how)
        )
        with brisk(f"redis://:{password_of(heir.folder)}@history.invalid") as history:
            until_it_answers(history)
            old.config_set("masterauth", password_of(heir.folder))
            old.replicaof("127.0.0.1", heir.port)
            leads_to[0] = heir.port

            until_it_answers(history)
        old.replicaof("NO", "ONE")  # or the new server would wait for it at its end


def test_nothing_happens_before_the_first_payment() -> None:
    """A function must start without Redis; a wrong address is an error that the operator sees."""
    with brisk("redis://unknown.invalid:1"):
        pass

    with pytest.raises(Misconfigured, match="must begin with redis://"):
        RedisHistory("http://127.0.0.1", WINDOW)
