"""`make bench`: runs every benchmark in a new folder or on empty servers, and prints tables."""

from rich.console import Console

from infra.bench import engine_batches, http_real, http_single, kafka_batches, limits, pure_score
from infra.bench.server_fixtures import server_fixtures


def main() -> None:
    """Print the tables."""
    console = Console()
    for benchmark in (pure_score, engine_batches, http_single):
        benchmark.run(console)
    with server_fixtures() as servers:
        http_real.run(console, servers)
        rate = kafka_batches.run(console, servers)
        limits.run(console, servers, rate)


if __name__ == "__main__":
    main()
