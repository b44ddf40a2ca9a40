"""risksentinel rules performance: how the rules perform."""

from collections.abc import Sequence
from contextlib import closing
from typing import Final

import click

from risksentinel.adapters.sql.rule_watch import SqlRuleWatch
from risksentinel.adapters.sql.schema import schema_is_current
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import Container
from risksentinel.cli.command_settings import command_settings
from risksentinel.domain.rule_performance import RulePerformance
from risksentinel.domain.rule_watch import MAX_DAYS, USUAL_DAYS, Window
from risksentinel.domain.wilson import Share
from risksentinel.usecases.measure_rules import measure_rules

_UNKNOWN: Final = "-"
_HEADINGS: Final = ("fired", "share", "alerts", "alone", "fraud", "genuine", "precision", "rule")


@click.command()
@click.option(
    "--days",
    type=click.IntRange(1, MAX_DAYS),
    default=USUAL_DAYS,
    show_default=True,
    help="The days in South Africa, including today.",
)
def performance(days: int) -> None:
    """Print how often each rule fired, how often it was right, and which rules are silent.

    Precision is the share of fraud among the payments with labels, with its interval of 95 %.
    """
    with closing(Container(command_settings())) as container:
        schema_is_current(container.engine)
        watched = SqlRuleWatch(container.engine).watched(Window.of(now(), days))
    _print(_HEADINGS)
    for one in measure_rules(watched).values():
        _print(_cells(one))
    click.echo(f"{watched.payments:,} payments in {days} days")
    if not watched.complete:
        click.echo("some payments were not counted: silence is unknown", err=True)
    if not watched.labels_complete:
        click.echo("only the newest labelled payments were read", err=True)


def _print(cells: Sequence[str]) -> None:
    *figures, precision, rule = cells
    click.echo(f"{' '.join(f'{each:>9}' for each in figures)}  {precision:<26}{rule}")


def _cells(one: RulePerformance) -> Sequence[str]:
    total = one.total
    share = total.fired_share
    return (
        f"{total.fired:,}",
        _UNKNOWN if share is None else f"{share:.3%}",
        f"{total.alerted:,}",
        f"{total.alone:,}",
        f"{total.fraud:,}",
        f"{total.genuine:,}",
        _interval(total.precision),
        f"{one.rule.id}: {one.rule.name}{_findings(one)}",
    )


def _interval(share: Share | None) -> str:
    if share is None:
        return _UNKNOWN
    return f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"


def _findings(one: RulePerformance) -> str:
    """What a risk manager looks at, in brackets."""
    found = []
    if one.silent:
        found.append("silent" if one.silent_since is None else f"silent since {one.silent_since}")
    if one.only_with_others:
        most = one.fired_with[0]
        found.append(f"only with others, most with {most.id}")
    if one.drifted:
        found.append(
            f"precision from {_interval(one.older_precision)} to {_interval(one.newer_precision)}"
        )
    return f" [{'; '.join(found)}]" if found else ""
