"""The cost of a payment with our Redis client and with redis-py's: processor and wall time.

`python -m infra.bench.redis_clients`: runs of both alternate on a Redis of their own and execute
the same scripts. Both clients use hiredis if it is installed.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from statistics import median
from time import perf_counter, process_time
from typing import Final

from redis import Redis as Client
from redis.utils import HIREDIS_AVAILABLE
from rich.console import Console

from infra.bench.figures import microseconds, print_table
from infra.bench.history_under_load import WINDOW, made
from infra.devstack.servers.redis import Redis
from risksentinel.adapters.redis.client import Command, RedisClient
from risksentinel.adapters.redis.history_calls import RETENTION, HistoryCalls
from risksentinel.domain.account_side import BOUNDS

PAIRS: Final = 9
PAYMENTS: Final = {1: 1_000, 100: 4_000, 500: 8_000}  # of each run, by batch size
_TIMEOUT: Final = 10.0

Run = Callable[[Sequence[Command]], object]
Cost = tuple[float, float]  # processor and wall seconds a payment


def _cost(run: Run, batch: int, seed: int, calls: HistoryCalls) -> Cost:
    paid = made(PAYMENTS[batch], seed)
    batches = [
        [call for payment in paid[start : start + batch] for call in calls.of(payment)]
        for start in range(0, len(paid), batch)
    ]
    wall, processor = perf_counter(), process_time()
    for commands in batches:
        run(commands)
    return (process_time() - processor) / len(paid), (perf_counter() - wall) / len(paid)


def _with_pipeline(client: Client) -> Run:
    def run(commands: Sequence[Command]) -> object:
        with client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command.words)  # type: ignore[no-untyped-call]  # untyped
            return pipeline.execute()

    return run


def _rows(runs: Mapping[str, Run], calls: HistoryCalls) -> list[dict[str, str]]:
    rows = []
    for batch in PAYMENTS:
        costs: dict[str, list[Cost]] = {name: [] for name in runs}
        for pair in range(PAIRS):
            for place, (name, run) in enumerate(runs.items()):
                costs[name].append(_cost(run, batch, 1 + len(runs) * pair + place, calls))
        ours = [median(some) for some in zip(*next(iter(costs.values())), strict=True)]
        for name, some in costs.items():
            processor, wall = (median(each) for each in zip(*some, strict=True))
            rows.append(
                {
                    "client": name,
                    "batch": str(batch),
                    "processor": microseconds(processor),
                    "of ours": f"{100 * processor / ours[0]:.0f} %",
                    "wall": microseconds(wall),
                    "wall, of ours": f"{100 * wall / ours[1]:.0f} %",
                }
            )
    return rows


def main() -> None:
    """Print the table."""
    calls = HistoryCalls(WINDOW, BOUNDS, RETENTION)
    with Redis() as server:
        url = server.settings["REDIS_URL"]
        ours = RedisClient(url, calls.scripts, "Redis", _TIMEOUT)
        theirs = Client.from_url(url, socket_timeout=_TIMEOUT)
        with closing(ours), theirs:
            for script in calls.scripts:
                theirs.script_load(script.decode())
            runs = {"ours": ours.run, "redis-py's pipeline": _with_pipeline(theirs)}
            title = f"Redis clients, hiredis {'' if HIREDIS_AVAILABLE else 'not '}installed"
            print_table(Console(), title, _rows(runs, calls))


if __name__ == "__main__":
    main()
