"""python -m infra.bench.cold_start: how long each function takes to wake, and where the time goes.

From the start of its process to its first answer, with the servers that the settings name, or an
embedded database without any. The clock is the system's, the same in both processes.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from infra.migrate import migrate
from infra.seed import seed
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.backbone import Backbone
from risksentinel.domain.moments import rfc3339
from risksentinel.runtime.settings import Settings

PHASES: Final = ("interpreter", "server", "function", "connections", "first answer")
MOST_PACKAGES: Final = 6  # the rest is small
PAYMENT: Final = {
    "id": "wake-up",
    "sender_id": "ZA-1001",
    "receiver_id": "ZA-2002",
    "amount_zar": "120.00",
    "channel": "pos",
}


@dataclass(frozen=True, slots=True)
class Waking:
    """A function, the first request that it gets, and the seconds that it may take."""

    function: str
    method: str
    path: str
    budget: float


WAKINGS: Final = (
    Waking("ingest", "POST", "/api/v1/transactions/", 1.0),
    Waking("score", "POST", "/", 1.0),
    Waking("alert_dispatch", "GET", "/api/v1/alerts/", 0.6),
    Waking("rules_crud", "GET", "/api/v1/rules/", 0.6),
    Waking("dashboard", "GET", "/api/v1/dashboard/summary", 0.6),
)


@click.command()
@click.option("--runs", type=click.IntRange(1, 100), default=5, show_default=True)
def cold_start(runs: int) -> None:
    """Print a table, and which function takes longer than it may on this machine."""
    table = Table("function", *PHASES, "in all", "may take", "imports, ms")
    late = []
    with _database() as environ:
        for waking in WAKINGS:
            _phases(waking, environ)  # once unmeasured: the bytecode of an image is compiled
            taken = [_phases(waking, environ) for _ in range(runs)]
            middle = {phase: median(each[phase] for each in taken) for phase in PHASES}
            in_all = median(sum(each.values()) for each in taken)
            # Of the quickest: what else this machine does slows the others.
            quickest = min(sum(each.values()) for each in taken)
            late += [waking.function] if quickest > waking.budget else []
            figures = [f"{middle[phase] * 1000:.0f} ms" for phase in PHASES]
            allowed = (f"{in_all * 1000:.0f} ms", f"{waking.budget * 1000:.0f} ms")
            table.add_row(waking.function, *figures, *allowed, _imports(waking, environ))
    Console(width=160).print(table)
    if late:
        click.echo(f"later than they may be: {', '.join(late)}")


@contextmanager
def _database() -> Iterator[Mapping[str, str]]:
    """The environment of the functions, with a migrated database."""
    with TemporaryDirectory() as home:
        environ = {**os.environ, "RISKSENTINEL_HOME": home, "LOG_LEVEL": "error"}  # noqa: TID251 - a child's
        settings = Settings.read(environ)
        migrate(settings.database)
        with closing(Backbone(settings)) as backbone:
            seed(backbone)
        yield environ


def _phases(waking: Waking, environ: Mapping[str, str]) -> dict[str, float]:
    """The seconds of each phase."""
    command = [sys.executable, "-m", "infra.bench.cold_start_phases"]
    command += [waking.function, waking.method, waking.path]
    body = json.dumps({**PAYMENT, "occurred_at": rfc3339(now())}) if waking.method == "POST" else ""
    before = perf_counter()
    ran = subprocess.run(  # noqa: S603
        command, input=body, env=environ, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        sys.exit(ran.stderr)
    seconds = {}
    # Not by lines: the function's own threads log in between.
    for phase, at in re.findall(r"phase ([a-z ]+)=([0-9.]+)", ran.stdout):
        seconds[phase] = float(at) - before
        before = float(at)
    return seconds


def _imports(waking: Waking, environ: Mapping[str, str]) -> str:
    """The packages whose own modules take longest to import."""
    program = f"import functions_framework, functions.{waking.function}.main"
    command = [sys.executable, "-X", "importtime", "-c", program]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)  # noqa: S603
    spent = Counter[str]()
    for own, module in re.findall(
        r"^import time: +(\d+) \| +\d+ \| +(\S+)$", ran.stderr, re.MULTILINE
    ):
        spent[module.split(".")[0]] += int(own)
    named = [(name, micro) for name, micro in spent.most_common() if not _is_standard(name)]
    return ", ".join(f"{name} {micro / 1000:.0f}" for name, micro in named[:MOST_PACKAGES])


def _is_standard(name: str) -> bool:
    return name in sys.stdlib_module_names


if __name__ == "__main__":
    cold_start(prog_name="python -m infra.bench.cold_start")
