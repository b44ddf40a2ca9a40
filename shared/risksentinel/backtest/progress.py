"""A bar for each policy on a terminal; a line every ten seconds elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from risksentinel.payment_files.progress import RateColumn

SECONDS: Final = 10.0
Moved = Callable[[str, int], None]


@contextmanager
def progress(console: Console, names: Sequence[str], total: int) -> Iterator[Moved]:
    """Yield the function that takes a name and the number of payments it is further."""
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, RateColumn(), TimeRemainingColumn(), console=console) as bar:
            tasks = {name: bar.add_task(name, total=total) for name in names}
            yield lambda name, count: bar.advance(tasks[name], count)
        return
    yield _Lines(console, dict.fromkeys(names, 0), total)


class _Lines:
    def __init__(self, console: Console, done: dict[str, int], total: int) -> None:
        self._console, self._done, self._total = console, done, total
        self._began = self._printed = monotonic()

    def __call__(self, name: str, count: int) -> None:
        self._done[name] += count
        now = monotonic()
        if now - self._printed < SECONDS:
            return
        self._printed = now
        for each, done in self._done.items():
            rate = done / (now - self._began)
            left = f", {max(self._total - done, 0) / rate:,.0f} s left" if rate else ""
            self._console.print(
                f"{each}: {done:,} of {self._total:,}, {rate:,.0f} a second{left}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
