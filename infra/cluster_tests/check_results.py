"""Results of the checks: printed line by line, and as a table at the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from infra.cluster_tests.bench import Bench


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A requirement, whether it is met, and the measurement."""

    requirement: str
    passed: bool
    measured: str


Check = Callable[[Bench], Iterator[CheckResult]]


def results_of(check: Check, bench: Bench) -> Iterator[CheckResult]:
    """Yield the results of a check; an exception becomes a failed result."""
    try:
        yield from check(bench)
    except Exception as error:  # noqa: BLE001 - every failure is a row of the table
        name = check.__module__.rpartition(".")[2].replace("_", " ")
        yield CheckResult(f"{name}: runs to its end", passed=False, measured=f"{error!r}"[:500])


def say(console: Console, result: CheckResult) -> None:
    """Print one result at once, because all checks take a quarter of an hour."""
    mark = "[green]ok  [/]" if result.passed else "[red]FAIL[/]"
    console.print(f"{mark} {result.requirement}: {result.measured}", highlight=False)


def table(found: Sequence[CheckResult]) -> Table:
    """Return a table of all results."""
    shown = Table("requirement", "", "measured", title="cluster-test", title_justify="left")
    for each in found:
        shown.add_row(each.requirement, "ok" if each.passed else "FAIL", each.measured)
    return shown
