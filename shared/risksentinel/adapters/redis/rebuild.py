"""Rebuilding the history in Redis from stored payments, one process at a time."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Final

from risksentinel.adapters.redis.client import Command, RedisClient
from risksentinel.adapters.redis.history_calls import KEYS
from risksentinel.adapters.system_clock import new_id
from risksentinel.errors import InProgress, Unavailable
from risksentinel.ports.history import Remembered

Calls = Callable[[Remembered], Iterable[Command]]
StillOurs = Callable[[], None]

_LOCK: Final = b"rs:rebuild"
_LEASE: Final = (
    b"EX",
    b"60",
)  # seconds: longer than any step; after a crash the lock ends by itself
_PAYMENTS_AT_ONCE: Final = 500
_KEYS_AT_ONCE: Final = b"1000"
_ANOTHER: Final = "the history is being rebuilt by another process"


@contextmanager
def one_rebuild_at_a_time(client: RedisClient) -> Iterator[StillOurs]:
    """Hold the lock of a rebuild; call the yielded function before each step to extend it.

    Raises:
        InProgress: another process has the lock.
        Unavailable: Redis does not answer.
    """
    ours = new_id().encode()

    def set_lock(*how: bytes) -> object:
        return client.run([Command(_LOCK, (b"SET", _LOCK, ours, *how, *_LEASE))])[0]

    def still_ours() -> None:
        if set_lock(b"XX", b"GET") != ours:
            raise InProgress(_ANOTHER)

    if set_lock(b"NX") is None:
        raise InProgress(_ANOTHER)
    try:
        yield still_ours
        still_ours()
    except InProgress:
        raise
    except BaseException:
        with suppress(Unavailable):
            _release(client)
        raise
    _release(client)


def forget_all(client: RedisClient, still_ours: StillOurs) -> None:
    """Remove every key of the history. Raises Unavailable."""
    for node in client.nodes():
        cursor = b"0"
        while True:
            still_ours()
            ((cursor, keys),) = client.run_on(
                node, [(b"SCAN", cursor, b"MATCH", KEYS, b"COUNT", _KEYS_AT_ONCE)]
            )
            client.run_on(node, [(b"UNLINK", key) for key in keys])
            if cursor == b"0":
                break


def replay(
    client: RedisClient, payments: Iterable[Remembered], calls: Calls, still_ours: StillOurs
) -> int:
    """Run the calls of each payment in order; answers how many payments. Raises Unavailable."""
    count, coming = 0, iter(payments)
    while chunk := list(islice(coming, _PAYMENTS_AT_ONCE)):
        still_ours()
        client.run(call for payment in chunk for call in calls(payment))
        count += len(chunk)
    return count


def _release(client: RedisClient) -> None:
    client.run([Command(_LOCK, (b"DEL", _LOCK))])
