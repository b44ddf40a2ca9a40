"""Parts of both commands: the progress bar, and error messages in one line."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.progress import Progress

from risksentinel.errors import RiskSentinelError


@contextmanager
def progress(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yield a function that advances the bar by a number of steps; a log file gets no bar."""
    if not console.is_terminal:
        yield lambda _: None
        return
    with Progress(console=console) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)


@contextmanager
def work_folder(out: Path) -> Iterator[Path]:
    """Yield a temporary folder in `out`; without a result there is no `out` either."""
    new = [each for each in (out, *out.parents) if not each.exists()]
    out.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(prefix=".training-", dir=out) as folder:
            yield Path(folder)
    finally:
        for each in new:
            with suppress(OSError):  # it is not empty
                each.rmdir()


@contextmanager
def refusals() -> Iterator[None]:
    """Print a RiskSentinelError in one line, without a traceback; exit with 2."""
    try:
        yield
    except RiskSentinelError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
