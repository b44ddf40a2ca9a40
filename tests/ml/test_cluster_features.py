"""The features of a cluster are those of one process, to the last digit."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ml.backfill import backfill
from ml.cluster_features import Cluster, cluster_backfill
from ml.dataset import UNKNOWN, Dataset
from ml.synthetic import synthetic
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Misconfigured
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.policy import Policy

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Payments of a small bank: some with a given decision, some without a label."""
    drawn = synthetic(5, count=25, days=40).with_delay(timedelta(days=3))
    chance = np.random.default_rng(2)
    fraud = np.where(chance.random(len(drawn)) < 0.1, UNKNOWN, drawn.fraud).astype(np.int8)
    some = [Decision.REVIEW, Decision.DECLINE, Decision.APPROVE]
    decisions = [
        some[number % 3] if number < 15 else None
        for number in chance.integers(0, 100, len(drawn)).tolist()
    ]
    return replace(drawn, fraud=fraud, decisions=decisions)


def test_a_cluster_computes_the_features_of_one_process(data: Dataset, tmp_path: Path) -> None:
    """And the decisions, and the risks of the signals; nothing is left in the storage."""
    tried = np.arange(len(data)) % 3 == 0
    seen: list[int] = []
    one = backfill(data, Options(), Policy(), lambda _: None, tried=tried)

    found = cluster_backfill(
        data,
        Options(),
        Policy(),
        seen.append,
        tried=tried,
        file=tmp_path / "features.npy",
        on=Cluster("local", str(tmp_path / "storage")),
    )

    assert found.matrix.tobytes() == one.matrix.tobytes()
    assert found.decisions == one.decisions
    assert found.risks.tobytes() == one.risks.tobytes()
    assert len(set(one.decisions)) == 3
    assert sum(seen) == len(data)
    assert not [each for each in (tmp_path / "storage").rglob("*") if each.is_file()]


@pytest.mark.parametrize("uri", ["", "gs://past", "/proc/no/such"])
def test_a_storage_that_cannot_be_used_is_named(data: Dataset, tmp_path: Path, uri: str) -> None:
    """Before a cluster is started."""
    with pytest.raises(Misconfigured, match="--storage"):
        cluster_backfill(
            data,
            Options(),
            Policy(),
            lambda _: None,
            tried=None,
            file=tmp_path / "features.npy",
            on=Cluster("local", uri),
        )
