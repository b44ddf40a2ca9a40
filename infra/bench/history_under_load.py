"""The share of payments without history, by batch size, number of callers and load.

`python -m infra.bench.history_under_load` starts a Redis of its own; callers are threads of one
process, or processes, with and without processes that use all cores.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import product
from multiprocessing import get_context
from os import cpu_count
from time import perf_counter
from typing import Final

from rich.console import Console

from infra.bench.figures import milliseconds, payments, percentile, print_table
from infra.devstack.servers.redis import Redis
from risksentinel.adapters.redis.history import RedisHistory
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Unavailable
from risksentinel.payment_formats.payment_document import document

PAYMENTS: Final = 8_000  # of each row of the table
BATCHES: Final = (1, 200, 500)
CALLERS: Final = (1, 2, 4, 8)
WINDOW: Final = timedelta(minutes=5)
_PROCESSES = get_context("spawn")


@dataclass(frozen=True, slots=True)
class Heard:
    """The result of one caller: payments without history, and the seconds of each batch."""

    payments: int
    silent: int
    seconds: Sequence[float]


def made(count: int, seed: int) -> list[Transaction]:
    """Return `count` generated payments."""
    return [document(one).transaction(new_id, now()) for one in payments(count, seed)]


def recorded(history: RedisHistory, batch: int, count: int, seed: int) -> Heard:
    """Record `count` payments in batches, as the engine does."""
    silent, seconds, paid = 0, [], made(count, seed)
    for start in range(0, len(paid), batch):
        some = paid[start : start + batch]
        began = perf_counter()
        try:
            history.record(some)
        except Unavailable:
            silent += len(some)
        seconds.append(perf_counter() - began)
    return Heard(len(paid), silent, seconds)


def of_one_process(url: str, batch: int, count: int, seed: int) -> Heard:
    """Record payments with a history of this process."""
    with closing(RedisHistory(url, WINDOW)) as history:
        with suppress(Unavailable):  # as at the start of a function
            history.warm_up(1)
        return recorded(history, batch, count, seed)


def over_threads(url: str, batch: int, callers: int) -> list[Heard]:
    """Record payments in threads that share one history, as gunicorn's threads do."""
    with closing(RedisHistory(url, WINDOW)) as history, ThreadPoolExecutor(callers) as threads:
        with suppress(Unavailable):
            history.warm_up(callers)
        return _each(threads, partial(recorded, history, batch, PAYMENTS // callers), callers)


def over_processes(url: str, batch: int, callers: int) -> list[Heard]:
    """Record payments in processes with a history each, as pods have."""
    with ProcessPoolExecutor(callers, _PROCESSES) as processes:
        return _each(processes, partial(of_one_process, url, batch, PAYMENTS // callers), callers)


def _each(pool: Executor, work: Callable[[int], Heard], callers: int) -> list[Heard]:
    return list(pool.map(work, range(callers)))


def _burn() -> None:
    while True:
        sum(range(10_000))


@contextmanager
def burners(count: int) -> Iterator[None]:
    """Keep `count` cores busy while the block runs."""
    started = [_PROCESSES.Process(target=_burn, daemon=True) for _ in range(count)]
    for burner in started:
        burner.start()
    try:
        yield
    finally:
        for burner in started:
            burner.kill()


def _row(callers: str, batch: int, burning: int, heard: Sequence[Heard]) -> dict[str, str]:
    paid, silent = sum(one.payments for one in heard), sum(one.silent for one in heard)
    seconds = [each for one in heard for each in one.seconds]
    return {
        "callers": callers,
        "batch": str(batch),
        "burners": str(burning),
        "silent": f"{100 * silent / paid:.1f} %",
        "p50": milliseconds(percentile(seconds, 0.5)),
        "p99": milliseconds(percentile(seconds, 0.99)),
        "longest": milliseconds(max(seconds)),
    }


def main() -> None:
    """Print the table."""
    rows = []
    with Redis() as server:
        url = server.settings["REDIS_URL"]
        for burning in (0, 2 * (cpu_count() or 1)):
            with burners(burning):
                for batch, callers in product(BATCHES, CALLERS):
                    for name, over in (("threads", over_threads), ("processes", over_processes)):
                        heard = over(url, batch, callers)
                        rows.append(_row(f"{callers} {name}", batch, burning, heard))
    print_table(Console(), "Payments without history", rows)


if __name__ == "__main__":
    main()
