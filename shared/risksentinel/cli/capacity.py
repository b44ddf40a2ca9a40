"""risksentinel capacity: pods, partitions, connections, memory and disk for a rate of payments."""

from collections.abc import Sequence

import click

from risksentinel.capacity.measured import MEASURED
from risksentinel.capacity.plan import Plan


@click.command()
@click.option(
    "--tps",
    "rates",
    type=click.IntRange(1, 10_000),
    multiple=True,
    required=True,
    help="Peak rate, payments per second; repeat the option for more columns.",
)
def capacity(rates: Sequence[int]) -> None:
    """Print the capacity that a rate of payments needs, and the measurements behind the figures.

    Prints two Markdown tables; docs/deployment.md contains this output.
    """
    plans = [Plan(rate) for rate in rates]
    _row("payments a second", *(f"{rate:,}" for rate in rates))
    _row("---", *("---:" for _ in rates))
    for what in plans[0].rows():
        _row(what, *(plan.rows()[what] for plan in plans))
    click.echo()
    _row("measured", "figure", "by")
    _row("---", "---:", "---")
    for each in MEASURED:
        _row(each.what, f"{each.value:,} {each.unit}", each.by)


def _row(*cells: str) -> None:
    click.echo(f"| {' | '.join(cells)} |")
