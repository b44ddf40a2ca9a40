"""The exported model answers the scores of the trained one, to 1e-5."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.ensemble import (  # type: ignore[import-untyped]  # it has no types
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from ml.export import export, rounded_down
from ml.trees import ensemble_of
from risksentinel.errors import Malformed
from tests.ml.fitted import ENSEMBLES, FEATURES, Floats, expected, fitted, on_its_scale, payments

ROWS = 20_000
AS_EQUAL = 1e-5


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Run OpenMP with one thread: on a busy processor its threads spin for minutes."""
    with threadpool_limits(1):
        yield


def scores(model: object, figures: Floats) -> npt.NDArray[np.float64]:
    """The scores of the exported model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(export(model), options)
    return np.asarray(session.run(["score"], {"features": figures})[0][:, 0], dtype=np.float64)


def edges(model: object) -> Floats:
    """Each threshold of the first trees as a value, and its neighbours, in every feature."""
    found = [
        threshold
        for tree in ensemble_of(model).trees[:5]
        for threshold in tree.threshold[tree.left >= 0]
        if np.isfinite(threshold)
    ]
    at = np.asarray(found, dtype=np.float64).astype(np.float32)
    up, down = np.float32(np.inf), np.float32(-np.inf)
    values = np.concatenate([at, np.nextafter(at, up), np.nextafter(at, down)])
    return np.repeat(values[:, None], FEATURES, axis=1)


@pytest.mark.parametrize("missing", [0.0, 0.1], ids=["whole", "with gaps"])
@pytest.mark.parametrize("kind", ENSEMBLES)
def test_the_export_answers_what_scikit_learn_answers(kind: str, missing: float) -> None:
    """Also for missing values, at and beside every threshold, and for extreme values."""
    model = fitted(kind, missing)
    extreme = np.full((3, FEATURES), np.nan, dtype=np.float32)
    extreme[1], extreme[2] = np.finfo(np.float32).max, np.finfo(np.float32).min
    figures = np.concatenate([payments(ROWS, 8), payments(100, 9, 0), edges(model), extreme])

    found = on_its_scale(kind, scores(model, figures))

    assert np.abs(found - expected(model, figures)).max() < AS_EQUAL


@pytest.mark.parametrize("kind", ENSEMBLES)
def test_the_score_rises_with_the_risk(kind: str) -> None:
    """The rank among the training's scores is the risk, for every kind."""
    model = fitted(kind, 0.1)
    figures = payments(2_000, 8)
    order = np.argsort(scores(model, figures), kind="stable")

    assert np.diff(expected(model, figures)[order]).min() > -AS_EQUAL


def test_a_model_is_one_node() -> None:
    """Serving takes the time of one sum over trees."""
    graph = onnx.load_model_from_string(export(fitted("isolation_forest", 0.1))).graph

    assert [node.op_type for node in graph.node] == ["TreeEnsembleRegressor"]
    assert not graph.initializer


@given(
    arrays(np.float64, st.integers(1, 20), elements=st.floats(allow_nan=False)),
    arrays(np.float32, 20, elements=st.floats(width=32, allow_nan=False, allow_infinity=False)),
)
@example(np.array([0.1, 1e300, -1e300, np.inf, 5e-324]), np.array([0.1], dtype=np.float32))
def test_a_threshold_rounded_down_asks_the_same_question(
    thresholds: npt.NDArray[np.float64], values: Floats
) -> None:
    """Rounded to the nearest, one payment in a million would take the other branch."""
    rounded = rounded_down(thresholds)
    near = np.concatenate([values, rounded[np.isfinite(rounded)]])

    asked = near.astype(np.float64)[:, None] <= thresholds
    answered = near[:, None] <= rounded

    assert (asked == answered).all()


def test_what_is_not_served_is_refused() -> None:
    """A model of an unsupported kind must not score payments."""
    figures = payments(200, 1, 0.0)
    one_class = RandomForestClassifier(n_estimators=2).fit(figures, np.zeros(200, dtype=int))
    three = RandomForestClassifier(n_estimators=2).fit(figures, np.arange(200) % 3)
    foreign = GradientBoostingClassifier(n_estimators=2).fit(figures, np.arange(200) % 2)
    categories = HistGradientBoostingClassifier(max_iter=2, categorical_features=[0]).fit(
        figures, np.arange(200) % 2
    )
    lonely = IsolationForest(n_estimators=2).fit(figures[:1])

    for model, fault in [
        (one_class, "classes"),
        (three, "classes"),
        (foreign, "cannot be exported"),
        (categories, "categories"),
        (lonely, "one payment"),
    ]:
        with pytest.raises(Malformed, match=fault):
            export(model)
