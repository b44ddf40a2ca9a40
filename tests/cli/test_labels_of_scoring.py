"""The result of scoring in an export, and the file formats of an export."""

import csv
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pyarrow import parquet  # type: ignore[import-untyped] # pyarrow ships no types
from sqlalchemy import Engine

from ml.file_columns import READ
from ml.payments_file import read_parquet
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.domain.label import (
    Finding,
    LabelSource,
)
from risksentinel.domain.verdict import Scored
from risksentinel.errors import Misconfigured
from tests.adapters.sql.samples import payment, scored
from tests.cli.exported import A_DAY, keep, rows, run


def receipted(name: str) -> Scored:
    """A scored payment whose receipt names a model and two fired rules."""
    fired = [{"rule": "r-1@1", "name": "Large; at night"}, {"rule": "r-2@3", "name": "New payee"}]
    receipt = {
        "signals": {"rules": {"status": "ok", "details": {"fired": fired}}},
        "model": {"name": "payments", "version": "v7"},
    }
    what = scored(payment(name))
    return replace(what, verdict=replace(what.verdict, explanation=receipt))


@pytest.mark.usefixtures("later")
def test_the_export_has_the_result_of_scoring(url: str, engine: Engine, tmp_path: Path) -> None:
    """The quality of scores is measured on the stored scores, not on recomputed ones."""
    with SqlLedger(engine).unit() as unit:
        unit.keep([receipted("tx-1")])
    keep(engine, payment("tx-2"))
    path = tmp_path / "payments.parquet"

    run(url, path, "--since", "2026-05-01")

    columns = ("risk_score", "rules_fired", "model_version")
    found = {name: tuple(row[each] for each in columns) for name, row in rows(path).items()}
    assert found == {
        "tx-1": (Decimal("0.4200"), ["Large; at night", "New payee"], "v7"),
        "tx-2": (Decimal("0.4200"), [], None),
    }


@pytest.mark.usefixtures("later")
def test_training_ignores_the_result_of_scoring(url: str, engine: Engine, tmp_path: Path) -> None:
    """A model that learns from earlier scores would learn from itself."""
    with SqlLedger(engine).unit() as unit:
        unit.keep([receipted("tx-1")])
    path, bare = tmp_path / "payments.parquet", tmp_path / "bare.parquet"
    run(url, path, "--since", "2026-05-01")
    columns = ["risk_score", "rules_fired", "model_version"]
    parquet.write_table(parquet.read_table(path).drop_columns(columns), bare)

    with_scores, without = (read_parquet(each, {}, A_DAY) for each in (path, bare))

    assert with_scores.payments == without.payments
    assert with_scores.decisions == without.decisions
    assert not set(columns) & set(READ)


@pytest.mark.usefixtures("later")
def test_a_csv_is_a_csv(url: str, engine: Engine, tmp_path: Path) -> None:
    """A file with the suffix .csv contains CSV."""
    with SqlLedger(engine).unit() as unit:
        unit.keep([receipted("+27821234567")])
    keep(engine, payment("tx-2"), (LabelSource.ANALYST, Finding.FRAUD, 2))
    path = tmp_path / "payments.CSV"

    done = run(url, path, "--since", "2026-05-01")

    assert done.exit_code == 0, done.output
    assert path.stat().st_mode & 0o077 == 0
    with path.open(encoding="utf-8", newline="") as file:
        found = {row["id"]: row for row in csv.DictReader(file)}
    first, second = (
        found["'+27821234567"],
        found["tx-2"],
    )  # a spreadsheet does not read the id as a number
    assert first["amount_zar"] == "250.00"
    assert first["risk_score"] == "0.4200"
    assert json.loads(first["rules_fired"]) == ["Large; at night", "New payee"]
    assert first["model_version"] == "v7"
    assert first["occurred_at"] == "2026-05-01T08:30:00Z"
    assert (second["fraud"], second["label_source"]) == ("true", "analyst")
    assert (second["rules_fired"], second["model_version"]) == ("[]", "")


@pytest.mark.parametrize("name", ["payments.xlsx", "payments", "payments.parquet.gz"])
def test_another_suffix_is_refused(url: str, tmp_path: Path, name: str) -> None:
    """The error names the allowed suffixes, and no file is created."""
    done = run(url, tmp_path / name)

    assert isinstance(done.exception, Misconfigured)
    assert str(done.exception) == f"{name}: give a file name that ends in .parquet or .csv"
    assert list(tmp_path.iterdir()) == []
