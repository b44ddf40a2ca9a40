"""Pairs of runs on few and on many kept payments, and their ratio as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from rich.console import Console

from infra.bench.figures import print_table
from infra.bench.http_load import run_load
from infra.bench.load_generator import Order, Send
from infra.bench.processor_time import Programs

FEW: Final = 10_000
COPIES: Final = 99  # of each of the few
MANY: Final = FEW * (1 + COPIES)
SEEDS: Final = (300, 400)  # of single payments and of batches: an id is scored once
CONNECTIONS: Final = 16
PAYMENTS: Final = 1_000  # of a run over HTTP: short, because the load of the machine changes
_RATE: Final = "payments a second"
_ALL: Final = "CPU all"

Figures = dict[str, float]  # by the name of the column


@dataclass(frozen=True, slots=True)
class GrowthSample:
    """One run: payments a second, and the processor seconds a payment of each program."""

    rate: float
    processor: Mapping[str, float]

    @property
    def figures(self) -> Figures:
        """Return the rate, and the processor milliseconds a payment of each program and of all."""
        each = {f"CPU {name}": 1e3 * seconds for name, seconds in self.processor.items()}
        return {_RATE: self.rate, **each, _ALL: sum(each.values())}


Run = Callable[[int], GrowthSample]  # with the number of the pair


def http_sample(send: Send, port: int, programs: Programs, number: int) -> GrowthSample:
    """Measure payments over HTTP, without the processor time of the load generator."""
    run = run_load(send, Order([port], CONNECTIONS, SEEDS[0] + number, PAYMENTS), programs)
    each = {name: run.processor[name] / PAYMENTS for name in programs}
    return GrowthSample(run.load.rate, each)


def print_growth(console: Console, title: str, runs: Sequence[Run], count: int) -> None:
    """Make `count` pairs of runs, on few and on many; print the medians, also of the ratios."""
    pairs = [_pair(runs, number) for number in range(count)]
    rows = [
        {"kept payments": f"{kept:,}", **_row([pair[place] for pair in pairs])}
        for place, kept in enumerate((FEW, MANY))
    ]
    ratios = {
        name: f"{median(after[name] / (before[name] or 1) for before, after in pairs):.2f}"
        for name in pairs[0][0]
    }
    rows.append({"kept payments": "ratio", **ratios})
    print_table(console, f"{title}, {count} pairs, CPU in ms a payment", rows)


def _pair(runs: Sequence[Run], number: int) -> list[Figures]:
    """Run both with the same payments; every second pair begins with the many."""
    in_turn = runs if number % 2 == 0 else runs[::-1]
    figures = [run(number).figures for run in in_turn]
    return figures if in_turn is runs else figures[::-1]


def _row(samples: list[Figures]) -> dict[str, str]:
    middle = {name: median(each[name] for each in samples) for name in samples[0]}
    return {
        name: f"{value:,.0f}" if name == _RATE else f"{value:.3f}" for name, value in middle.items()
    }
