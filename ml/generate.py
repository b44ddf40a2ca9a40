"""python -m ml.generate: writes generated labelled payments to a file, as JSON Lines."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from ml.command_line import refusals
from ml.synthetic import BEGIN, DAYS, FRAUDS_A_DAY, PEOPLE, Synthetic, drawn_cases
from risksentinel.domain.transaction import SOUTH_AFRICA
from risksentinel.errors import Misconfigured
from risksentinel.payment_formats.json_payment import serialize
from risksentinel.text import rfc3339

_FEWEST: Final = 10  # a mule has seven victims besides its own
_DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same file.")
@click.option("--people", default=PEOPLE, show_default=True, type=click.IntRange(_FEWEST, 100_000))
@click.option("--days", default=DAYS, show_default=True, type=click.IntRange(1, 3_650))
@click.option("--begin", default=f"{BEGIN:%Y-%m-%d}", show_default=True, type=_DAY)
@click.option(
    "--frauds-a-day",
    default=FRAUDS_A_DAY,
    show_default=True,
    type=click.IntRange(0, 1_000),
    help="Cases, of one to a few dozen payments each.",
)
def generate(
    file: Path, *, seed: int, people: int, days: int, begin: datetime, frauds_a_day: int
) -> None:
    """Write payments to FILE in order of time, one JSON object in a line.

    Beside the fields of a payment each line has `is_fraud` (0 or 1), `typology` and `case` (the
    kind and the number of the fraud, null for a genuine payment), and `reported_at` (the time at
    which the label was known).
    """
    with refusals():
        drawn = drawn_cases(seed, people, days, begin.replace(tzinfo=SOUTH_AFRICA), frauds_a_day)
        try:
            count = _write(file, drawn)
        except OSError as error:
            raise Misconfigured(f"{file} cannot be written: {error.strerror}") from error
        click.echo(f"{count:,} payments, {drawn.data.fraud.sum(dtype=int):,} of them fraud: {file}")


def _write(file: Path, drawn: Synthetic) -> int:
    known_at = drawn.data.known_at.tolist()
    with file.open("w", encoding="utf-8") as lines:
        for payment, case, known in zip(drawn.data.payments, drawn.cases, known_at, strict=True):
            line = serialize(payment) | {
                "is_fraud": int(case is not None),
                "typology": case and case.typology,
                "case": case and case.number,
                "reported_at": rfc3339.to_text(datetime.fromtimestamp(known, UTC)),
            }
            lines.write(json.dumps(line) + "\n")
    return len(known_at)


if __name__ == "__main__":
    generate(prog_name="python -m ml.generate")
