"""Prints the results: a row for each scenario, a column for each engine, and the violations."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.scenarios.run import ScenarioResult

Columns = Mapping[
    str, Sequence[ScenarioResult]
]  # the results of each engine, in the same order of scenarios


def show(console: Console, columns: Columns) -> None:
    """Print the table, each violation, and a line of totals for each engine."""
    table = Table(*columns, "kind", "name", "what", pad_edge=False)
    for outcomes in zip(*columns.values(), strict=True):
        scenario = outcomes[0].scenario
        marks = [_mark(outcome) for outcome in outcomes]
        table.add_row(*marks, scenario.kind, scenario.name, scenario.what)
    console.print(table)
    for (name, violation), engines in _fallen(columns).items():
        line = f"FAILED {' and '.join(engines)}: {name}: {violation}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for engine, played in columns.items():
        console.print(f"{engine}: {summed(played)}", highlight=False)


def summed(outcomes: Sequence[ScenarioResult]) -> str:
    """Return how many scenarios of each kind passed, as text."""
    held = {"fraud": 0, "genuine": 0}
    count = {"fraud": 0, "genuine": 0}
    for outcome in outcomes:
        held[outcome.scenario.kind] += outcome.passed
        count[outcome.scenario.kind] += 1
    return (
        f"fraud stopped {held['fraud']} of {count['fraud']}, "
        f"genuine left alone {held['genuine']} of {count['genuine']}"
    )


def _mark(outcome: ScenarioResult) -> Text:
    return Text("passed", "green") if outcome.passed else Text("FAILED", "bold red")


def _fallen(columns: Columns) -> dict[tuple[str, str], list[str]]:
    """Return the engines of each violation, so that each violation is printed once."""
    engines = defaultdict[tuple[str, str], list[str]](list)
    for engine, outcomes in columns.items():
        for outcome in outcomes:
            for violation in outcome.violations:
                engines[outcome.scenario.name, violation].append(engine)
    return dict(sorted(engines.items()))
