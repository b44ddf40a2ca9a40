"""python -m infra.bench.cold_start: how long each function takes to wake, and where the time goes.

From the start of its process to its first answer, on an embedded database; `--servers` does the
same on real servers, with a model in object storage. The clock is the system's, the same in both
processes.
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
    """Print a table, and which function takes longer than it may on this machine."""
    with embedded() as environ:
        _measure("On SQLite, without a model", environ, runs)
    if servers:
        with real() as environ:
            _measure("On PostgreSQL, Redis and Kafka, with a model in MinIO", environ, runs)


def _measure(title: str, environ: Environ, runs: int) -> None:
    table = Table("function", *PHASES, "in all", "may take", COMPUTING, "imports, ms", title=title)
    late, silent = [], 0.0
    for waking in COLD_STARTS:
        waking.seconds(environ)  # once unmeasured: the bytecode of an image is compiled
        taken = [waking.seconds(environ) for _ in range(runs)]
        in_all = [sum(each[phase] for phase in PHASES) for each in taken]
        # Of the quickest: what else this machine does slows the others.
        late += [waking.function] if min(in_all) > waking.budget else []
        silent += sum(each[SILENT] for each in taken) if waking.method == "POST" else 0
        middle = [median(each[phase] for each in taken) for phase in PHASES]
        computing = min(each[COMPUTING] for each in taken)
        figures = [_shown(each) for each in (*middle, median(in_all), waking.budget, computing)]
        table.add_row(waking.function, *figures, waking.imports(environ))
    Console(width=180).print(table)
    if silent and "MODEL_URI" in environ:
        click.echo(f"first payments that did not wait for the model any longer: {silent:.0f}")
    if late:
        click.echo(f"later than they may be: {', '.join(late)}")


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    cold_start(prog_name="python -m infra.bench.cold_start")
