"""risksentinel labels: what payments turned out to be, for those who train."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.label_records import SqlLabelRecords
from risksentinel.adapters.sql.schema import schema_is_current
from risksentinel.adapters.system_clock import now
from risksentinel.cli.command_settings import command_settings
from risksentinel.domain.label import SILENCE
from risksentinel.label_export.labelled_payments import UNKNOWN, format_of, write_labelled

_IN_WORDS: Final = {
    SILENCE: "genuine: nobody said anything in their chargeback window",
    UNKNOWN: "unknown: their chargeback window is not over",
}


@click.group()
def labels() -> None:
    """Labels: export."""


@labels.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The first day, in UTC; two chargeback windows ago if left out.",
)
@click.option(
    "--to",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("payments.parquet"),
    show_default=True,
)
def export(since: datetime | None, path: Path) -> None:
    """Write the scored payments with what they turned out to be, for `python -m ml.train --data`.

    The file is Parquet or CSV by the extension of its name; training reads Parquet. Beside the
    label it has what was said of each payment when it was scored: `decision`, `risk_score`,
    `rules_fired` (names) and `model_version`. Training takes only the decision of them.

    A payment that nobody reviewed is genuine once CHARGEBACK_WINDOW_DAYS are over, and unknown
    before. Payments may go on meanwhile. The file holds account numbers.
    """
    format_of(path)  # a wrong name is told before anything is read
    settings, as_of = command_settings(), now()
    window = timedelta(days=settings.chargeback_window_days)
    begin = as_of - 2 * window if since is None else since.replace(tzinfo=UTC)
    engine = open_engine(settings.database, statement_seconds=0, name="risksentinel-export")
    try:
        schema_is_current(engine)
        counted = write_labelled(SqlLabelRecords(engine, window).outcomes(begin, as_of), path)
    finally:
        engine.dispose()
    click.echo(f"{counted.total()} payments to {path}")
    for source, count in counted.most_common():
        click.echo(f"{count:>12}  {_IN_WORDS.get(source, f'by {source}')}")
