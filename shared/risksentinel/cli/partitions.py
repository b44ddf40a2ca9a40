"""risksentinel partitions: creates partitions of coming months and drops those of old months."""

from collections.abc import Iterator

import click

from risksentinel.adapters.sql.month import GROWING, Span
from risksentinel.adapters.sql.months import AHEAD, SqlMonths
from risksentinel.adapters.sql.old_rule_figures import fold_rule_figures
from risksentinel.adapters.sql.owner import require_owner
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import database
from risksentinel.cli.audited import audited
from risksentinel.domain.local_day import day_of
from risksentinel.settings import Settings
from risksentinel.text import rfc3339
from risksentinel.usecases.compare_entries import DROPPED

_AUDIT = "audit_log"
_KEEP = "Drop {} of months that ended so many full months ago; by default nothing is dropped."


@click.command()
@click.option(
    "--ahead",
    type=click.IntRange(0, 120),
    default=AHEAD,
    show_default=True,
    help="Months to create in advance.",
)
@click.option(
    "--retain-months", type=click.IntRange(1, 1200), help=_KEEP.format("payments and their results")
)
@click.option(
    "--retain-audit-months", type=click.IntRange(1, 1200), help=_KEEP.format("audit log entries")
)
@click.option("--dry-run", is_flag=True, help="Only print the changes.")
def partitions(
    ahead: int, retain_months: int | None, retain_audit_months: int | None, *, dry_run: bool
) -> None:
    """Create the partitions of the coming months, and drop those of old months.

    A month of payments is dropped with its scores, alerts, labels, reports and ids; the ids can
    then be used again. SQLite has no partitions: rows of old months are deleted in small steps,
    during which payments can be scored, and new rows reuse their space in the file.

    Figures of rules of past days are put into fewer rows; those that nothing reads are deleted.
    """
    engine = database(Settings.read(), statement_seconds=0, name="risksentinel-months")
    retained = {
        table: retain_audit_months if table == _AUDIT else retain_months for table in GROWING
    }
    try:
        require_owner(engine)
        months = SqlMonths(engine)
        done = [*_make(months, ahead, dry_run=dry_run), *_drop(months, retained, dry_run=dry_run)]
        if not dry_run:
            fold_rule_figures(engine, day_of(now()))
    finally:
        engine.dispose()
    if not done:
        click.echo("nothing to do")


def _make(months: SqlMonths, ahead: int, *, dry_run: bool) -> Iterator[str]:
    for missing in months.missing(now(), ahead):
        if not dry_run:
            months.make(missing)
        click.echo(f"{'would make' if dry_run else 'made'} {missing.name}{_moving(missing.strays)}")
        yield missing.name


def _drop(months: SqlMonths, retained: dict[str, int | None], *, dry_run: bool) -> Iterator[str]:
    for table, retain in retained.items():
        for span in months.old(table, now(), retain) if retain is not None else []:
            if dry_run:
                click.echo(f"would drop {span.name}")
            else:
                audited(months.engine, DROPPED, "partition", span.name, _limits(span))
                alerts = months.drop(span, now(), retain or 0)
                click.echo(f"dropped {span.name}{f', with {alerts} alerts' if alerts else ''}")
            yield span.name


def _limits(span: Span) -> dict[str, str]:
    """What a verification of the ledger must know of a month that is gone."""
    return {
        "table": span.table,
        "since": rfc3339.to_text(span.since),
        "until": rfc3339.to_text(span.until),
    }


def _moving(strays: int) -> str:
    return f", for {strays} rows of its default partition" if strays else ""
