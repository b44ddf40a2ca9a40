"""risksentinel partitions: the months of the tables that grow, made ahead and dropped when old."""

from collections.abc import Iterator

import click

from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.month import GROWING
from risksentinel.adapters.sql.months import AHEAD, SqlMonths
from risksentinel.adapters.system_clock import now
from risksentinel.settings import Settings

_AUDIT = "audit_log"
_KEEP = "Drop {} when its month ended so many full months ago; without it nothing is dropped."


@click.command()
@click.option("--ahead", type=click.IntRange(0, 120), default=AHEAD, show_default=True)
@click.option(
    "--retain-months", type=click.IntRange(1, 1200), help=_KEEP.format("what came of a payment")
)
@click.option(
    "--retain-audit-months", type=click.IntRange(1, 1200), help=_KEEP.format("the audit log")
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def partitions(
    ahead: int, retain_months: int | None, retain_audit_months: int | None, *, dry_run: bool
) -> None:
    """Make the partitions of the coming months, and drop those that are old.

    With a month of payments go their scores, alerts, labels, reports and ids: an id can then be
    used anew. SQLite has no partitions: there the rows of old months are deleted in small steps,
    while payments go on, and what is written next takes their space in the file.
    """
    engine = open_engine(Settings.read().database, statement_seconds=0, name="risksentinel-months")
    retained = {
        table: retain_audit_months if table == _AUDIT else retain_months for table in GROWING
    }
    try:
        months = SqlMonths(engine)
        done = [*_make(months, ahead, dry_run=dry_run), *_drop(months, retained, dry_run=dry_run)]
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
                alerts = months.drop(span, now(), retain or 0)
                click.echo(f"dropped {span.name}{f', with {alerts} alerts' if alerts else ''}")
            yield span.name


def _moving(strays: int) -> str:
    return f", for {strays} rows of its default partition" if strays else ""
