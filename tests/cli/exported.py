"""Stores labelled payments and runs `labels export`."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from pyarrow import parquet  # type: ignore[import-untyped] # pyarrow ships no types
from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.cli import labels
from risksentinel.domain.label import Finding, LabelSource, Report
from risksentinel.domain.reviewed import Reviewed
from risksentinel.domain.transaction import Transaction
from tests.adapters.sql.samples import scored

AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
WINDOW = 120 * A_DAY


def keep(engine: Engine, paid: Transaction, *words: tuple[LabelSource, Finding, int]) -> Reviewed:
    """Store a scored payment with labels, each a number of hours later."""
    ledger, reviewed = SqlLedger(engine), Reviewed(paid)
    with ledger.unit() as unit:
        unit.keep([scored(paid, at=paid.occurred_at)])
    for source, finding, hours in sorted(words, key=lambda word: word[2]):
        at = paid.occurred_at + hours * AN_HOUR
        label = reviewed.next(Report(paid.id, source, finding), "thandi", at)
        if label is not None:
            reviewed = reviewed.with_label(label)
            with ledger.unit() as unit:
                unit.write_label(label)
    return reviewed


def rows(path: Path) -> dict[str, dict[str, Any]]:
    """The rows of the file by the ids of the payments."""
    return {row["id"]: row for row in parquet.read_table(path).to_pylist()}


def run(url: str, path: Path, *arguments: str) -> Result:
    """Run the command with these arguments."""
    environ = {"DATABASE_URL": url}
    return CliRunner().invoke(labels.labels, ["export", "--to", str(path), *arguments], env=environ)
