import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ml.dataset import UNKNOWN, Dataset, dataset
from ml.model_kinds import ISOLATED, MODEL_KINDS, compressed
from ml.onnx_scores import raw_scores, risks
from ml.split import complete_labels, split
from ml.synthetic import synthetic
from ml.train import train
from ml.training_plan import TrainingPlan
from risksentinel.domain.model_version import Manifest, MeasuredBy
from risksentinel.errors import Malformed
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.features.table import NAMES
from risksentinel.usecases.promote_model import MEASURES

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Payments of a small bank with complete labels."""
    return synthetic(1, count=60, days=60)


def plan(kind: str = "isolation_forest") -> TrainingPlan:
    """The plan of a training."""
    options = Options(utc_offset=timedelta(hours=3), label_delay=timedelta(days=5))
    return TrainingPlan("payments", kind, 1, options, "a test", datetime(2026, 5, 1, tzinfo=UTC))


def noise(rows: int = 3_000) -> Matrix:
    """Random features, a tenth of them missing."""
    chance = np.random.default_rng(2)
    matrix = chance.normal(size=(rows, len(NAMES))).astype(np.float32)
    matrix[chance.random(matrix.shape) < 0.1] = np.nan
    return matrix


@pytest.mark.parametrize("kind", MODEL_KINDS)
def test_the_manifest_describes_the_version(data: Dataset, kind: str, tmp_path: Path) -> None:
    """It has the digest of every file, the features in order, ranks and distributions."""
    place = train(data, plan(kind), tmp_path, QUIET)

    manifest = Manifest.model_validate_json((place / "manifest.json").read_bytes())
    files = {"model.onnx", "model.joblib", "training_report.json", "model_card.md"}
    plots = {"score_distribution.png", "precision_recall.png", "roc.png", "calibration.png"}
    assert set(manifest.files) == files | plots
    for name, file in manifest.files.items():
        assert sha256((place / name).read_bytes()).hexdigest() == file.sha256
    assert manifest.features == NAMES
    assert manifest.measured_by == MeasuredBy(
        utc_offset_seconds=3 * 3_600, label_delay_seconds=5 * 86_400
    )
    assert len(manifest.score_quantiles) == 1_001
    assert set(manifest.distributions) == set(NAMES)
    assert set(manifest.metrics) == set(MEASURES)
    assert manifest.metrics["auc"] > 0.6


def test_the_same_seed_gives_the_same_model(data: Dataset, tmp_path: Path) -> None:
    """A training must be reproducible."""
    bodies = [
        (train(data, plan(), tmp_path / name, QUIET) / "model.onnx").read_bytes()
        for name in ("first", "second")
    ]

    assert bodies[0] == bodies[1]


def test_an_isolation_forest_uses_no_labels(data: Dataset, tmp_path: Path) -> None:
    """It uses neither labels nor features that come from labels."""
    blind = replace(data, fraud=np.full(len(data), UNKNOWN, dtype=np.int8))
    place = train(blind, plan(), tmp_path, QUIET)

    report = json.loads((place / "training_report.json").read_text())
    assert report["metrics"] == {}
    assert [name for name in ISOLATED if "fraud" in name or "covered" in name] == []


def test_the_forest_counts_a_missing_value_as_the_median() -> None:
    """The served trees equal scikit-learn's on values filled with the median."""
    matrix = noise()
    fitted = MODEL_KINDS["isolation_forest"].fit(matrix, np.zeros(len(matrix), np.int8), 1)
    known = matrix[:, [NAMES.index(name) for name in ISOLATED]]
    filled = compressed(np.where(np.isnan(known), np.nanmedian(known, axis=0), known))

    served = raw_scores(fitted.onnx(), matrix)

    np.testing.assert_allclose(2.0**served, -fitted.estimator.score_samples(filled), atol=1e-5)


def test_a_risk_is_a_rank() -> None:
    """0.99 means that one payment in a hundred was more anomalous."""
    trained = np.arange(10_001.0)

    assert risks(np.array([9_900.0, -1.0, 99_999.0]), trained) == pytest.approx([0.99, 0, 1])


def test_too_few_payments_are_refused(data: Dataset, tmp_path: Path) -> None:
    """Ranks of ten payments are meaningless."""
    few = dataset(data.payments[:10], data.fraud[:10].tolist(), data.known_at[:10])

    with pytest.raises(Malformed, match="10 payments are too few: give at least"):
        train(few, plan(), tmp_path, QUIET)


def test_payments_without_history_are_refused(data: Dataset, tmp_path: Path) -> None:
    """For example if the payment's id is in the column of the sender."""
    alone = replace(
        data,
        payments=[
            replace(payment, sender_id=f"S{place}") for place, payment in enumerate(data.payments)
        ],
    )

    with pytest.raises(Malformed, match="there is no history to learn from"):
        train(alone, plan(), tmp_path, QUIET)


def until(data: Dataset, share: float) -> Dataset:
    """The same payments, with labels of frauds only after this share of the period."""
    end = int(data.at[0] + share * (data.at[-1] - data.at[0]))
    unknown = (data.at > end) & (data.fraud == 0)
    return replace(data, fraud=np.where(unknown, UNKNOWN, data.fraud), complete_until=end)


@pytest.mark.parametrize("needs_labels", [True, False])
def test_no_model_is_measured_where_only_frauds_are_known(
    data: Dataset, *, needs_labels: bool
) -> None:
    """In the last chargeback window all labelled payments are frauds: any model is perfect."""
    half = until(data, 0.5)

    parts = split(half, needs_labels=needs_labels)
    learnt, tested = parts.learnt, parts.tested

    assert half.at[tested].max() <= half.complete_until
    assert not (learnt & tested).any()
    assert (half.at[learnt].max() < half.at[tested].min()) is np.bool_(needs_labels)
    assert (complete_labels(half)[half.at > half.complete_until] == UNKNOWN).all()


def test_frauds_that_became_known_later_are_not_learnt_from(data: Dataset) -> None:
    """The model would be measured with knowledge of the future."""
    parts = split(data, needs_labels=True)
    learnt, tested = parts.learnt, parts.tested

    late = (data.fraud == 1) & (data.known_at > data.at[tested].min())
    assert late.any()
    assert not (learnt & late).any()


def test_without_genuine_labels_there_are_no_metrics(data: Dataset, tmp_path: Path) -> None:
    """A model that needs both classes is not trained either."""
    young = until(data, -0.1)

    place = train(young, plan(), tmp_path, QUIET)

    assert Manifest.model_validate_json((place / "manifest.json").read_bytes()).metrics == {}
    with pytest.raises(Malformed, match="no payment's chargeback window is over"):
        train(young, plan("boosted_trees"), tmp_path, QUIET)


def test_labels_that_end_before_habits_are_known_measure_nothing(
    data: Dataset, tmp_path: Path
) -> None:
    """A bank of four months has one chargeback window, and hardly any payment before it."""
    young = until(data, 0.05)

    place = train(young, plan(), tmp_path, QUIET)

    assert Manifest.model_validate_json((place / "manifest.json").read_bytes()).metrics == {}
    with pytest.raises(Malformed, match="too little is known yet"):
        train(young, plan("boosted_trees"), tmp_path, QUIET)


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_alone_is_refused(data: Dataset, label: int, tmp_path: Path) -> None:
    """The error names the model to train instead."""
    one = replace(data, fraud=np.full(len(data), label, dtype=np.int8))

    with pytest.raises(Malformed, match="needs both classes"):
        train(one, plan("boosted_trees"), tmp_path, QUIET)


def test_a_file_without_labels_is_refused(data: Dataset, tmp_path: Path) -> None:
    """A supervised model cannot learn without labels."""
    blind = replace(data, fraud=np.full(len(data), UNKNOWN, dtype=np.int8))

    with pytest.raises(Malformed, match="no payment has a label"):
        train(blind, plan("boosted_trees"), tmp_path, QUIET)
