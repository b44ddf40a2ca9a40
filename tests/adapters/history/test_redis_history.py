"""What holds for a history that processes share."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from redis import Redis as Client

from risksentinel.adapters.redis.client import Command, RedisClient
from risksentinel.adapters.redis.connection import RedisConnection
from risksentinel.adapters.redis.exchange import PIECE
from risksentinel.adapters.redis.history import RedisHistory
from risksentinel.adapters.redis.history_calls import RETENTION, HistoryCalls, Retention
from risksentinel.domain.account_side import BOUNDS
from risksentinel.domain.history import Snapshot
from risksentinel.domain.label import Finding
from risksentinel.domain.transaction import Transaction
from tests.adapters.history.histories import (
    LONG_TIMEOUT,
    WINDOW,
    FreshRedis,
    fresh_memory,
    labelled,
    payment,
)
from tests.strategies import NOW, transactions

CALLS = HistoryCalls(WINDOW, BOUNDS, RETENTION)
_FIRST = slice(12, 16)  # offset of the first payment to the beneficiary in an answer
_RECEIVER = sha256(b"B").digest()[:4]


@pytest.mark.parametrize(("payments", "pieces"), [(PIECE // 2, 1), (2 * PIECE, 4)])
def test_a_batch_leaves_in_pieces(
    redis: FreshRedis, monkeypatch: pytest.MonkeyPatch, payments: int, pieces: int
) -> None:
    """Volume must not be paid for in latency: one piece more is always on its way."""
    history, did = redis(), list[str]()
    history.record([payment()])
    for name in ("send", "receive"):
        monkeypatch.setattr(RedisConnection, name, _noted(getattr(RedisConnection, name), did))

    history.record([payment(f"S{n}", f"R{n}") for n in range(payments)])

    ahead = ["send", "receive"] * (pieces - 1)
    assert did == ["send", *ahead, "receive"]


def _noted(method: Callable[..., object], did: list[str]) -> Callable[..., object]:
    def noted(*words: object) -> object:
        did.append(method.__name__)
        return method(*words)

    return noted


def test_a_batch_goes_to_all_servers_at_once(
    cluster: FreshRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each server receives its first piece before the client waits for a reply."""
    history, did = cluster(), list[str]()
    history.record([payment(f"S{n}") for n in range(200)])
    for name in ("send", "receive"):
        monkeypatch.setattr(RedisConnection, name, _noted(getattr(RedisConnection, name), did))

    history.record([payment(f"S{n}", f"R{n}") for n in range(200)])

    assert did[:4] == ["send", "send", "send", "send"]


def test_processes_at_once_lose_no_payment(fresh_redis: FreshRedis) -> None:
    """Two functions score payments of one sender in the same moment."""
    fresh_redis()
    batches = [[payment() for _ in range(4)] for _ in range(50)]
    others = [RedisHistory(fresh_redis.url, WINDOW, timeout=LONG_TIMEOUT) for _ in range(2)]

    with ThreadPoolExecutor(4) as threads:
        coming = [threads.submit(others[n % 2].record, batch) for n, batch in enumerate(batches)]
        snapshots = [snapshot for future in coming for snapshot in future.result()]

    assert sorted(snapshot.sender.payments for snapshot in snapshots) == list(range(200))
    assert sorted(snapshot.velocity.count for snapshot in snapshots) == list(range(1, 201))
    for other in others:
        other.close()


def test_a_payment_of_which_half_was_recorded_is_completed(fresh_redis: FreshRedis) -> None:
    """A function may die between the two scripts, and the broker brings the payment again."""
    history, reference, paid = fresh_redis(), fresh_memory(), [payment(), payment()]
    with closing(RedisClient(fresh_redis.url, CALLS.scripts, "store", LONG_TIMEOUT)) as client:
        client.run([CALLS.of(paid[0])[0]])
        client.run([CALLS.of(paid[1])[1]])

    snapshots = history.record(paid)

    assert _bare(snapshots) == _bare(reference.record(paid))
    assert _bare(history.record(paid)) == _bare(snapshots)


def _bare(snapshots: list[Snapshot]) -> list[tuple[object, ...]]:
    """Without habits and flows, which list payments in the order of recording."""
    return [(each.velocity, each.sender, each.receiver, each.known) for each in snapshots]


def test_scripts_that_the_server_forgot_are_loaded_again(
    fresh_redis: FreshRedis, server: Client
) -> None:
    """A failover or an operator's SCRIPT FLUSH must not cost a single payment."""
    history = fresh_redis()
    history.record([payment()])
    server.script_flush()

    snapshots = history.record([payment(), payment()])

    assert [snapshot.sender.payments for snapshot in snapshots] == [1, 2]


@given(paid=transactions)
def test_keys_hold_no_account_and_share_the_slot_of_their_account(paid: Transaction) -> None:
    """An account number is personal data, and braces in it would split its keys."""
    for call in CALLS.of(paid):
        count = int(call.words[2])
        keys = [key.decode() for key in call.words[3 : 3 + count]]
        assert {key.encode()[: len(call.key)] for key in keys} == {call.key}
        assert all(re.fullmatch(r"rs:\{[\w=-]{16}\}:[a-z-]+(:[\w=-]{16})?", key) for key in keys)


def test_a_beneficiary_is_not_found_across_two_others(redis: FreshRedis) -> None:
    """Entries are adjacent, so the end of one and the start of the next could look like one."""
    redis()
    answers = []

    with closing(RedisClient(redis.url, CALLS.scripts, "store", LONG_TIMEOUT)) as client:
        digests = (b"..sa", b"me..", b"same", b"me..")
        for day, digest in enumerate(digests):
            (call, _) = CALLS.of(payment(at=NOW + timedelta(days=day)))
            words = [word.replace(_RECEIVER, digest) for word in call.words]
            answers += client.run([Command(call.key, words)])

    assert [any(answer[_FIRST]) for answer in answers] == [False, False, False, True]


def test_every_key_goes_by_itself(redis: FreshRedis, server: Client) -> None:
    """A cache that only grows ends as an outage."""
    redis().record([payment(f"S{n}") for n in range(3)])

    days = {
        re.sub(r"\{.*\}|:[^:]{16}$", "", key.decode()): round(server.ttl(key) / 86_400, 1)
        for key in server.scan_iter("rs:*")
    }

    assert days == {
        "rs::pays": 400,
        "rs::is-paid": 400,
        "rs::paid": 7,
        "rs::got": 7,
    }


def test_a_busy_sender_takes_less_than_24_kb(redis: FreshRedis, server: Client) -> None:
    """Millions of senders must fit into one server: the busiest takes 13 KB for 30 days."""
    paid = [
        payment(receiver=f"R{n % 90}", at=NOW + timedelta(hours=n), cents=123_456 + n)
        for n in range(700)
    ]
    history = redis()
    history.record(paid)
    history.label([labelled(each, Finding.FRAUD, NOW) for each in paid[:40]])

    (key,) = server.scan_iter("rs:*:pays")

    assert int(server.memory_usage(key, samples=0) or 0) < 24 * 1024


def test_a_sender_of_a_few_payments_takes_less_than_1500_bytes(
    redis: FreshRedis, server: Client
) -> None:
    """Most accounts pay some ten times a month."""
    redis().record([payment(receiver=f"R{n % 3}", at=NOW + timedelta(days=n)) for n in range(10)])

    (key,) = server.scan_iter("rs:*:pays")

    assert int(server.memory_usage(key, samples=0) or 0) < 1_500


def test_an_expired_account_starts_again(redis: FreshRedis) -> None:
    """A repetition gets its first snapshot for so long; a habit is one for so long."""
    second, retained = timedelta(seconds=1), timedelta(days=1)
    paid = [payment()]
    brief = (Retention(retained, second), Retention(second, retained))
    payments = []

    for retention in brief:
        redis()
        with closing(
            RedisHistory(redis.url, WINDOW, retention=retention, timeout=LONG_TIMEOUT)
        ) as history:
            history.record(paid)
            time.sleep(1.1)
            payments.append(history.record([*paid, payment()])[-1].sender.payments)

    assert payments == [2, 0]
