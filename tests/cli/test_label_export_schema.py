"""An exported row has the columns of the schema."""

import csv
from pathlib import Path

import pytest
from pyarrow import parquet  # type: ignore[import-untyped] # pyarrow ships no types
from sqlalchemy import Engine

from risksentinel.label_export.schema import COLUMNS
from tests.adapters.sql.samples import payment
from tests.cli.exported import keep, run


@pytest.mark.usefixtures("later")
def test_both_file_formats_have_the_columns_of_the_schema(
    url: str, engine: Engine, tmp_path: Path
) -> None:
    """Training finds each column by its name in the schema."""
    keep(engine, payment("tx-1"))
    paths = tmp_path / "payments.parquet", tmp_path / "payments.csv"
    for path in paths:
        run(url, path, "--since", "2026-05-01")

    with paths[1].open(encoding="utf-8", newline="") as file:
        (header, _) = list(csv.reader(file))
    assert parquet.read_schema(paths[0]).names == header == list(COLUMNS)
