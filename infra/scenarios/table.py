"""The table: a line a scenario, a column an engine, what fell in words, and the sum."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.scenarios.run import ScenarioResult

Columns = Mapping[
    str, Sequence[ScenarioResult]
]  # the engines' outcomes, in the same order of scenarios


def show(console: Console, columns: Columns) -> None:
    """Print the table, then every fault, then one line of sums an engine."""
    table = Table(*columns, "kind", "name", "what", pad_edge=False)
    for outcomes in zip(*columns.values(), strict=True):
        scenario = outcomes[0].scenario
        marks = [_mark(outcome) for outcome in outcomes]
        table.add_row(*marks, scenario.kind, scenario.name, scenario.what)
    console.print(table)
    for (name, fault), engines in _fallen(columns).items():
        line = f"FELL {' and '.join(engines)}: {name}: {fault}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for engine, played in columns.items():
        console.print(f"{engine}: {summed(played)}", highlight=False)


def summed(outcomes: Sequence[ScenarioResult]) -> str:
    """How many of either kind held, in words."""
    held = {"fraud": 0, "genuine": 0}
    count = {"fraud": 0, "genuine": 0}
    for outcome in outcomes:
        held[outcome.scenario.kind] += outcome.held
        count[outcome.scenario.kind] += 1
    return (
        f"fraud stopped {held['fraud']} of {count['fraud']}, "
        f"genuine left alone {held['genuine']} of {count['genuine']}"
    )


def _mark(outcome: ScenarioResult) -> Text:
    return Text("held", "green") if outcome.held else Text("FELL", "bold red")


def _fallen(columns: Columns) -> dict[tuple[str, str], list[str]]:
    """The engines on which each fault showed, so that the same one is said once."""
    engines = defaultdict[tuple[str, str], list[str]](list)
    for engine, outcomes in columns.items():
        for outcome in outcomes:
            for fault in outcome.faults:
                engines[outcome.scenario.name, fault].append(engine)
    return dict(sorted(engines.items()))
