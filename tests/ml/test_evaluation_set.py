"""A new version and the promoted one are measured on the same payments."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ml.backfill import backfill
from ml.dataset import Dataset
from ml.evaluation_set import EvaluationSet, rival
from ml.onnx_scores import raw_scores
from ml.split import split
from ml.synthetic import synthetic
from ml.train import train
from ml.training_plan import TrainingPlan
from risksentinel.domain.model_version import Manifest, Rival
from risksentinel.errors import Malformed
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.policy import Policy

QUIET = Console(quiet=True)
OPTIONS = Options(utc_offset=timedelta(hours=5), label_delay=timedelta(days=3))


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Payments of a small bank with complete labels."""
    return synthetic(1, count=60, days=60)


@pytest.fixture(scope="module")
def champion(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The version in use, trained on last month's payments with another UTC offset."""
    cut = 3 * len(data) // 4
    month = Dataset(
        data.payments[:cut],
        data.at[:cut],
        data.fraud[:cut],
        data.known_at[:cut],
        int(data.at[cut - 1]),
    )
    at = datetime(2026, 4, 1, tzinfo=UTC)
    plan = TrainingPlan("payments", "boosted_trees", 2, OPTIONS, "a test", at)
    return train(month, plan, tmp_path_factory.mktemp("champion"), QUIET)


def manifest(folder: Path) -> Manifest:
    """The manifest of a version."""
    return Manifest.model_validate_json((folder / "manifest.json").read_bytes())


def test_a_manifest_has_the_metrics_of_the_promoted_version_on_its_payments(
    data: Dataset, champion: Path, tmp_path: Path
) -> None:
    """The same version trained again has the same metrics as its rival."""
    at = datetime(2026, 5, 1, tzinfo=UTC)
    plan = TrainingPlan("payments", "isolation_forest", 1, Options(), "a test", at, champion)

    new = manifest(train(data, plan, tmp_path, QUIET))
    again = manifest(
        train(data, replace(plan, against=tmp_path / new.version), tmp_path / "again", QUIET)
    )

    assert new.rival is not None
    assert new.rival.version == manifest(champion).version
    assert set(new.rival.metrics) == {"auc", "ap"}
    assert new.rival.metrics != new.metrics
    assert new.evaluated_on != manifest(champion).evaluated_on
    assert again.evaluated_on == new.evaluated_on
    assert again.rival == Rival(version=new.version, metrics=new.metrics)


def test_the_same_payments_with_another_label_are_another_set(data: Dataset) -> None:
    """A new label of a tested payment changes the digest; one of a training payment does not."""
    parts = split(data, needs_labels=False)
    learnt, tested = parts.learnt, parts.tested
    known = EvaluationSet.of(data, tested)

    def flipped(place: int) -> str:
        fraud = data.fraud.copy()
        fraud[place] = 1 - fraud[place]
        return EvaluationSet.of(replace(data, fraud=fraud), tested).sha256

    assert flipped(int(np.flatnonzero(tested)[0])) != known.sha256
    assert flipped(int(np.flatnonzero(learnt)[0])) == known.sha256


def test_a_version_that_cannot_be_measured_is_reported(
    data: Dataset, champion: Path, tmp_path: Path
) -> None:
    """A release with other features gives the reason; a damaged file is Malformed."""
    known = EvaluationSet.of(data, split(data, needs_labels=False).tested)

    def written(of: Manifest) -> Path:
        (tmp_path / "manifest.json").write_text(of.model_dump_json())
        (tmp_path / "model.onnx").write_bytes((champion / "model.onnx").read_bytes())
        return tmp_path

    def measured(folder: Path) -> Rival | str:
        return rival(folder, known, lambda _: None)

    good = manifest(champion)
    assert measured(tmp_path) == "no version was promoted"
    for changes in ({"features": good.features[:-1]}, {"measured_by": None}):
        assert "another release" in str(measured(written(good.model_copy(update=changes))))
    written(good)
    (tmp_path / "model.onnx").write_bytes(b"another")
    with pytest.raises(Malformed, match="has another SHA-256"):
        measured(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(Malformed, match=r"manifest\.json: \d+ violations"):
        measured(tmp_path)


def test_the_features_are_those_of_its_own_training(data: Dataset, champion: Path) -> None:
    """The rival uses its own UTC offset and label delay, not those of the new version."""
    known = EvaluationSet.of(data, split(data, needs_labels=False).tested)
    model = (champion / "model.onnx").read_bytes()

    def measured(options: Options) -> Mapping[str, float]:
        matrix = backfill(data, options, Policy(), lambda _: None).matrix
        return known.metrics(raw_scores(model, matrix[known.flags]))

    found = rival(champion, known, lambda _: None)

    assert isinstance(found, Rival)
    assert found.metrics == measured(OPTIONS) != measured(Options())
