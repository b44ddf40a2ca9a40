"""`make bench`: runs every benchmark in a new folder or on empty servers, and prints tables.

It takes about 20 minutes on an idle machine of 2 cores, half of them for the databases with
1,000,000 kept payments. Rates and latencies are of this machine; the processor time of a payment,
in milliseconds, is what compares between machines.
"""

from rich.console import Console

from infra.bench import (
    deadline,
    engine_batches,
    growth_embedded,
    growth_real,
    http_real,
    http_single,
    kafka_batches,
    limits,
    processes,
    pure_score,
    shadow_beside,
)
from infra.bench.figures import WIDTH
from infra.bench.server_fixtures import server_fixtures
from risksentinel.logs import configure


def main() -> None:
    """Print the tables."""
    configure("error")  # log lines of the engine in this process would be among the tables
    console = Console(width=WIDTH)
    for benchmark in (
        pure_score,
        engine_batches,
        http_single,
        shadow_beside,
        deadline,
        growth_embedded,
    ):
        benchmark.run(console)
    with server_fixtures() as servers:
        http_real.run(console, servers)
        rate = kafka_batches.run(console, servers)
        processes.run(console, servers)
        limits.run(console, servers, rate)
        growth_real.run(console, servers)


if __name__ == "__main__":
    main()
