"""What a check found, one line each, and all of it as a table in the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from infra.cluster_tests.bench import Bench


@dataclass(frozen=True, slots=True)
class Outcome:
    """A promise, whether it is kept, and what was measured."""

    promise: str
    kept: bool
    measured: str


Check = Callable[[Bench], Iterator[Outcome]]


def outcomes(check: Check, bench: Bench) -> Iterator[Outcome]:
    """What a check finds; what stops it is an outcome too, so that the next one runs."""
    try:
        yield from check(bench)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told in the table
        name = check.__module__.rpartition(".")[2].replace("_", " ")
        yield Outcome(f"{name}: runs to its end", kept=False, measured=f"{error!r}"[:500])


def say(console: Console, outcome: Outcome) -> None:
    """Print one line at once: the whole takes a quarter of an hour."""
    mark = "[green]ok  [/]" if outcome.kept else "[red]FAIL[/]"
    console.print(f"{mark} {outcome.promise}: {outcome.measured}", highlight=False)


def table(found: Sequence[Outcome]) -> Table:
    """All outcomes."""
    shown = Table("promise", "", "measured", title="cluster-test", title_justify="left")
    for each in found:
        shown.add_row(each.promise, "ok" if each.kept else "FAIL", each.measured)
    return shown
