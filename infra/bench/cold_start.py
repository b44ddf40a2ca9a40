"""python -m infra.bench.cold_start: the duration of each function's cold start, by phase.

A cold start lasts from the start of the process to the first response. It is measured with an
embedded database, and with `--servers` also with real servers and a model in object storage.
Parent and child read the same system clock.
"""

from statistics import median

import click
from rich.console import Console
from rich.table import Table

from infra.bench.cold_starts import COLD_STARTS, COMPUTING, PHASES, SILENT
from infra.bench.fixtures import Environ, embedded, real


@click.command()
@click.option("--runs", type=click.IntRange(1, 100), default=5, show_default=True)
@click.option("--servers", is_flag=True, help="Also on real servers, with a promoted model.")
def cold_start(*, runs: int, servers: bool) -> None:
    """Print a table, and the functions that take longer than their budget."""
    with embedded() as environ:
        _measure("On SQLite, without a model", environ, runs)
    if servers:
        with real() as environ:
            _measure("On PostgreSQL, Redis and Kafka, with a model in MinIO", environ, runs)


def _measure(title: str, environ: Environ, runs: int) -> None:
    table = Table("function", *PHASES, "total", "budget", COMPUTING, "imports, ms", title=title)
    late, silent = [], 0.0
    for cold_start in COLD_STARTS:
        cold_start.seconds(environ)  # not measured: compiles the bytecode, as an image has it
        taken = [cold_start.seconds(environ) for _ in range(runs)]
        in_all = [sum(each[phase] for phase in PHASES) for each in taken]
        # Of the fastest run: other work on this machine slows the others.
        late += [cold_start.function] if min(in_all) > cold_start.budget else []
        silent += sum(each[SILENT] for each in taken) if cold_start.method == "POST" else 0
        middle = [median(each[phase] for each in taken) for phase in PHASES]
        computing = min(each[COMPUTING] for each in taken)
        figures = [_shown(each) for each in (*middle, median(in_all), cold_start.budget, computing)]
        table.add_row(cold_start.function, *figures, cold_start.imports(environ))
    Console(width=180).print(table)
    if silent and "MODEL_URI" in environ:
        click.echo(f"first payments that were scored before the model was loaded: {silent:.0f}")
    if late:
        click.echo(f"over budget: {', '.join(late)}")


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    cold_start(prog_name="python -m infra.bench.cold_start")
