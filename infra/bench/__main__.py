"""Run every benchmark, each in a fresh folder, and print one table each."""

from rich.console import Console

from infra.bench import engine_batches, http_single, pure_score


def main() -> None:
    """Print the tables."""
    console = Console()
    for benchmark in (pure_score, engine_batches, http_single):
        benchmark.run(console)


if __name__ == "__main__":
    main()
