"""The time that single payments wait for Redis beside batches of the same process, and why.

`python -m infra.bench.history_singles` starts a Redis of its own and 8 threads with batches, with
and without processes that use all cores. The kernel's time "runnable without a core" is
read for Redis and for the payment's thread (/proc/PID/schedstat, so on Linux only). The pause
between two payments is slept, so its lateness is what a thread waits for its turn.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import product
from os import cpu_count, getpid
from pathlib import Path
from statistics import fmean
from threading import get_native_id
from time import perf_counter, sleep, thread_time
from typing import Final

from rich.console import Console

from infra.bench.figures import milliseconds, percentile, print_table
from infra.bench.history_under_load import WINDOW, Heard, burners, made, recorded
from infra.devstack.servers.redis import Redis
from risksentinel.adapters.redis.history import RedisHistory
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Unavailable

PAYMENTS: Final = 16_000  # in batches, at the same time
LONG: Final = 0.045  # seconds
_CALLERS: Final = 8
_BATCHES: Final = (200, 500)
_PAUSE: Final = 0.002
_RUNS: Final = 3
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Single:
    """The wait of one payment in seconds, and its parts.

    The kernel adds to `redis_without_core` when Redis gets a core again: in the next payment, if
    that is after the end of this one.
    """

    silent: bool
    seconds: float
    processor: float
    without_core: float
    redis_without_core: float
    late_turn: float


def beside_batches(server: Redis, batch: int, callers: int) -> list[Single]:
    """Record payments one by one while threads record batches over the same history."""
    with (
        closing(RedisHistory(server.settings["REDIS_URL"], WINDOW)) as history,
        ThreadPoolExecutor(callers) as threads,
    ):
        with suppress(Unavailable):
            history.warm_up(callers + 1)
        share = PAYMENTS // callers
        batches = [threads.submit(recorded, history, batch, share, n) for n in range(callers)]
        return list(_singles(server, history, batches))


def _singles(
    server: Redis, history: RedisHistory, batches: Sequence[Future[Heard]]
) -> Iterator[Single]:
    coming = iter(made(_MOST, len(batches)))
    redis = Path(f"/proc/{server.pid}/schedstat")
    mine = Path(f"/proc/{getpid()}/task/{get_native_id()}/schedstat")
    while not all(each.done() for each in batches):
        began = perf_counter()
        sleep(_PAUSE)
        late = perf_counter() - began - _PAUSE
        yield _single(history, next(coming), (mine, redis), late)


def _single(
    history: RedisHistory, payment: Transaction, queues: tuple[Path, Path], late: float
) -> Single:
    queued = [_without_core(each) for each in queues]
    processor, began = thread_time(), perf_counter()
    try:
        history.record([payment])
    except Unavailable:
        silent = True
    else:
        silent = False
    seconds, processor = perf_counter() - began, thread_time() - processor
    mine, redis = (
        _without_core(each) - before for each, before in zip(queues, queued, strict=True)
    )
    return Single(silent, seconds, processor, mine, redis, late)


def _without_core(schedstat: Path) -> float:
    return int(schedstat.read_text().split()[1]) / 1e9


def _row(batch: int, burning: int, heard: Sequence[Single]) -> dict[str, str]:
    seconds = [each.seconds for each in heard]
    long = [each for each in heard if each.seconds > LONG] or list(heard)
    return {
        "batches of": str(batch),
        "burners": str(burning),
        "singles": f"{len(heard):,}",
        "silent": str(sum(each.silent for each in heard)),
        "p50": milliseconds(percentile(seconds, 0.5)),
        "p99": milliseconds(percentile(seconds, 0.99)),
        "longest": milliseconds(max(seconds)),
        "late wake-up, p99": milliseconds(percentile([each.late_turn for each in heard], 0.99)),
        "long ones": f"{len(long):,}",
        "their mean": milliseconds(fmean(each.seconds for each in long)),
        "processor": milliseconds(fmean(each.processor for each in long)),
        "without core": milliseconds(fmean(each.without_core for each in long)),
        "Redis without core": milliseconds(fmean(each.redis_without_core for each in long)),
    }


def main() -> None:
    """Print the table."""
    rows = []
    with Redis() as server:
        for burning, batch in product((0, 2 * (cpu_count() or 1)), _BATCHES):
            with burners(burning):
                heard = [
                    single
                    for _ in range(_RUNS)
                    for single in beside_batches(server, batch, _CALLERS)
                ]
            rows.append(_row(batch, burning, heard))
    print_table(Console(width=180), f"Single payments, long: over {LONG * 1e3:.0f} ms", rows)


if __name__ == "__main__":
    main()
