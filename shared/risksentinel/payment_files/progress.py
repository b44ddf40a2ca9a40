"""A progress bar on a terminal; none in a log file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text
from typing_extensions import override


class RateColumn(ProgressColumn):
    """Payments per second."""

    @override
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


@contextmanager
def progress(console: Console, total: Callable[[], int]) -> Iterator[Callable[[int], None]]:
    """Yield the function that advances the bar; `total` is called on a terminal only."""
    if not console.is_terminal:
        yield lambda _: None
        return
    left = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*left, RateColumn(), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("payments", total=total())
        yield lambda rows: bar.advance(task, rows)
