"""Payments on disk are those of a list: in any order, one segment in memory, the same model."""

import gc
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from rich.console import Console

from ml import stored_payments as stored
from ml.backfill import backfill
from ml.dataset import Dataset
from ml.model_kinds import MODEL_KINDS
from ml.payments_file import read_parquet
from ml.stored_payments import stored_payments
from ml.synthetic import synthetic
from ml.train import train
from ml.training_plan import TrainingPlan
from risksentinel.domain.transaction import Transaction
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.policy import Policy
from tests.strategies import transactions

QUIET = Console(quiet=True)
DELAY = timedelta(days=7)


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file has many segments."""
    monkeypatch.setattr(stored, "ROWS", 3)


@given(st.lists(transactions, min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_payments_are_stored_in_the_given_order(payments: list[Transaction], chance: Any) -> None:  # noqa: ANN401 - a Random
    """Each exactly, by place, by slice and one after the other."""
    order = np.array(chance.sample(range(len(payments)), len(payments)), dtype=np.int64)
    expected = [payments[place] for place in order]
    with TemporaryDirectory() as folder:
        found = stored_payments(iter(payments), order, Path(folder) / "payments")

        assert list(found) == expected
        assert len(found) == len(expected)
        assert [found[place] for place in range(len(expected))] == expected
        assert found[-1] == expected[-1]
        assert found[1:-1] == expected[1:-1]
        with pytest.raises(IndexError):
            found[len(expected)]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of a small bank, not in order of time."""
    data = synthetic(3, count=40, days=60)
    places = np.random.default_rng(1).permutation(len(data))
    rows = [
        {
            **data.payments[place].to_mapping(),
            "amount_zar": float(data.payments[place].amount.amount),
            "fraud": int(data.fraud[place]),
            "known_at": datetime.fromtimestamp(int(data.known_at[place]), UTC),
        }
        for place in places.tolist()
    ]
    path = tmp_path_factory.mktemp("file") / "payments.parquet"
    parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


def trained(data: Dataset, kind: str, folder: Path, work: Path | None) -> Mapping[str, Any]:
    """The model, and its manifest without the digests of files that have the time that it took."""
    now = datetime(2026, 5, 1, tzinfo=UTC)
    plan = TrainingPlan("payments", kind, 1, Options(), "a test", now)
    place = train(data, plan, folder, QUIET, work)
    manifest = json.loads((place / "manifest.json").read_bytes())
    return {**manifest, "files": (place / "model.onnx").read_bytes()}


@pytest.mark.parametrize("kind", MODEL_KINDS)
def test_a_model_from_the_disk_is_the_model_from_memory(
    file: Path, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes, quantiles, distributions, weights and digests."""
    monkeypatch.setattr(stored, "ROWS", 64)
    work = tmp_path / "work"
    work.mkdir()
    from_memory = trained(read_parquet(file, {}, DELAY), kind, tmp_path / "one", None)
    on_disk = read_parquet(file, {}, DELAY, work / "payments")

    from_disk = trained(on_disk, kind, tmp_path / "two", work)

    assert from_disk == from_memory


def test_no_more_than_some_segments_of_payments_are_in_memory(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the length of the file."""
    monkeypatch.setattr(stored, "ROWS", 64)
    gc.collect()
    before = _payments_in_memory()
    data = read_parquet(file, {}, DELAY, tmp_path / "payments")
    seen = [_payments_in_memory()]

    past = backfill(
        data,
        Options(),
        Policy(),
        lambda _: seen.append(_payments_in_memory()),
        file=tmp_path / "features.npy",
    )

    assert len(data) > 3_000
    assert isinstance(past.matrix, np.memmap)
    assert (
        max(seen) - before < 1_000
    )  # 512 whose features are computed together, and labels to come


def _payments_in_memory() -> int:
    return sum(isinstance(each, Transaction) for each in gc.get_objects())
