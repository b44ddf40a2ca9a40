"""What a check found, one line each, and all of it as a table in the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from infra.cluster_tests.bench import Bench


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A promise, whether it is kept, and what was measured."""

    promise: str
    passed: bool
    measured: str


Check = Callable[[Bench], Iterator[CheckResult]]


def results_of(check: Check, bench: Bench) -> Iterator[CheckResult]:
    """What a check finds; what stops it is an outcome too, so that the next one runs."""
    try:
        yield from check(bench)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told in the table
        name = check.__module__.rpartition(".")[2].replace("_", " ")
        yield CheckResult(f"{name}: runs to its end", passed=False, measured=f"{error!r}"[:500])


def say(console: Console, outcome: CheckResult) -> None:
    """Print one line at once: the whole takes a quarter of an hour."""
    mark = "[green]ok  [/]" if outcome.passed else "[red]FAIL[/]"
    console.print(f"{mark} {outcome.promise}: {outcome.measured}", highlight=False)


def table(found: Sequence[CheckResult]) -> Table:
    """All outcomes."""
    shown = Table("promise", "", "measured", title="cluster-test", title_justify="left")
    for each in found:
        shown.add_row(each.promise, "ok" if each.passed else "FAIL", each.measured)
    return shown
