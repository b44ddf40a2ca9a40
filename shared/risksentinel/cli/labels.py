"""risksentinel labels: exports scored payments with their labels, for training."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from risksentinel.adapters.sql.label_records import SqlLabelRecords
from risksentinel.adapters.sql.schema import schema_is_current
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import database
from risksentinel.cli.audited import audited
from risksentinel.cli.command_settings import command_settings
from risksentinel.domain.label import SILENCE
from risksentinel.label_export.labelled_payments import UNKNOWN, format_of, write_labelled

_IN_WORDS: Final = {
    SILENCE: "genuine: no label within the chargeback window",
    UNKNOWN: "unknown: the chargeback window is not over",
}


@click.group()
def labels() -> None:
    """Labels: export."""


@labels.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day, in UTC; by default two chargeback windows ago.",
)
@click.option(
    "--to",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("payments.parquet"),
    show_default=True,
    help="File to write, .parquet or .csv.",
)
def export(since: datetime | None, path: Path) -> None:
    """Write scored payments with their labels to a file, for `python -m ml.train --data`.

    The suffix of the file selects Parquet or CSV; training reads Parquet. Each row also has the
    result of scoring: `decision`, `risk_score`, `rules_fired` (names) and `model_version`. Of
    these training uses `decision` only.

    A payment without a review is genuine after CHARGEBACK_WINDOW_DAYS, and unknown before.
    Payments can be scored during the export. The file contains account numbers.
    """
    format_of(path)  # a wrong suffix is refused before the database is read
    settings, as_of = command_settings(), now()
    window = timedelta(days=settings.chargeback_window_days)
    begin = as_of - 2 * window if since is None else since.replace(tzinfo=UTC)
    engine = database(settings, statement_seconds=0, name="risksentinel-export")
    try:
        schema_is_current(engine)
        details = {"since": begin.isoformat(), "format": path.suffix}
        audited(engine, "labels.exported", "labels", "all", details)
        counted = write_labelled(SqlLabelRecords(engine, window).outcomes(begin, as_of), path)
    finally:
        engine.dispose()
    click.echo(f"{counted.total()} payments to {path}")
    for source, count in counted.most_common():
        click.echo(f"{count:>12}  {_IN_WORDS.get(source, f'by {source}')}")
