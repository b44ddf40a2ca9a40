"""What the commands share: a progress bar, and refusals in one line."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress

from risksentinel.errors import RiskSentinelError


@contextmanager
def progress(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yield what moves the bar on by so many; a log file gets no bar."""
    if not console.is_terminal:
        yield lambda _: None
        return
    with Progress(console=console) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)


@contextmanager
def refusals() -> Iterator[None]:
    """Say what is wrong and what to change, without a traceback; exit status 2."""
    try:
        yield
    except RiskSentinelError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
