"""MODEL_KINDS: the models that can be trained, one line each; all are served alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ml.export import exported
from ml.trees import Ensemble, ensemble_of
from risksentinel.errors import Malformed
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.features.table import NAMES

Labels = npt.NDArray[np.int8]

# Relative to the accounts' own history, and larger if more anomalous: an isolation forest weighs
# all columns equally, so a weak column weakens the others. Chosen on validation weeks.
ISOLATED: Final = (
    "amount_deviation",
    "receiver_amount_deviation",
    "receiver_amount_to_largest",
    "pooled_amount_deviation",
    "receiver_count_24h_to_habit",
    "receiver_fan_in_24h",
    "category_surprise",
    "unusual_24h",
    "unusual_7d",
)
_TREES: Final = 150  # 256 payments are scored in 1.2 ms
_SAMPLES: Final = 512  # payments that one tree isolates
_COLUMNS_A_TREE: Final = 0.5  # of the nine
_MAX_ISOLATED: Final = 40_000  # payments: enough to draw the samples from
MIN_FRAUDS: Final = 50


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model: the scikit-learn estimator, and the same model as a sum over trees."""

    estimator: Any
    columns: tuple[str, ...]  # of the estimator
    ensemble: Ensemble  # over all features, in the order of FEATURES
    takes: str = "values"  # or "compressed": the form of the columns for the estimator

    def onnx(self) -> bytes:
        """The model as it is served."""
        return exported(self.ensemble, len(NAMES))


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A kind of model: how it is fitted, and whether it learns from labels."""

    fit: Callable[[Matrix, Labels, int], Fitted]
    needs_labels: bool
    meaning: str


def _isolation_forest(matrix: Matrix, labels: Labels, seed: int) -> Fitted:  # noqa: ARG001 - it needs none
    from sklearn.ensemble import IsolationForest  # type: ignore[import-untyped] # it has no types

    places = np.array([NAMES.index(name) for name in ISOLATED])
    chosen = np.random.default_rng(seed).permutation(len(matrix))[:_MAX_ISOLATED]
    known = matrix[np.sort(chosen)][:, places]
    # A missing value becomes the median: an unknown account is not anomalous for being unknown.
    usual = np.array([_median(column) for column in known.T], dtype=np.float32)
    estimator = IsolationForest(
        n_estimators=_TREES,
        max_samples=_SAMPLES,
        max_features=_COLUMNS_A_TREE,
        random_state=seed,
    )
    estimator.fit(compressed(np.where(np.isnan(known), usual, known)))
    over_all = _over_all(ensemble_of(estimator), places, usual)
    return Fitted(estimator, ISOLATED, over_all, takes="compressed")


def compressed(values: Matrix) -> Matrix:
    """Compute sign(x) log(1 + |x|), the input of an isolation forest.

    A tree splits a column at a uniformly drawn place between its ends. Ratios have a long tail, so
    without logarithms most splits fall where there are hardly any payments.
    """
    return np.sign(values) * np.log1p(np.abs(values))


def _expanded(thresholds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The thresholds of compressed values as thresholds of the values themselves."""
    return np.sign(thresholds) * np.expm1(np.abs(thresholds))


def _over_all(
    ensemble: Ensemble, places: npt.NDArray[np.int64], usual: npt.NDArray[np.float32]
) -> Ensemble:
    """The same trees over all features; a missing one goes where the usual value would."""
    trees = []
    for tree in ensemble.trees:
        threshold = _expanded(tree.threshold)
        missing_left = usual[tree.feature] <= threshold
        feature = places[tree.feature]
        trees.append(replace(tree, feature=feature, threshold=threshold, missing_left=missing_left))
    return replace(ensemble, trees=tuple(trees))


def _median(column: npt.NDArray[np.float32]) -> float:
    known = column[~np.isnan(column)]
    return float(np.median(known)) if known.size else 0.0


def _boosted_trees(matrix: Matrix, labels: Labels, seed: int) -> Fitted:
    from sklearn.ensemble import HistGradientBoostingClassifier

    frauds = int((labels == 1).sum())
    if frauds < MIN_FRAUDS or frauds == len(labels):
        raise Malformed(
            f"{frauds} of {len(labels)} labelled payments are fraud: this kind needs both classes "
            f"and {MIN_FRAUDS} frauds; train an isolation_forest, or give more labels"
        )
    estimator = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=200,
        max_leaf_nodes=15,
        min_samples_leaf=50,
        l2_regularization=20.0,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )
    filled = _with_values(matrix)
    estimator.fit(filled, labels)
    return Fitted(estimator, NAMES, ensemble_of(estimator))


def _with_values(matrix: Matrix) -> Matrix:
    """The matrix with 0 in each column without values: such a column has no thresholds."""
    empty = np.isnan(matrix).all(axis=0)
    return np.where(empty, np.float32(0), matrix) if empty.any() else matrix


MODEL_KINDS: Final[Mapping[str, ModelKind]] = MappingProxyType(
    {
        "isolation_forest": ModelKind(
            _isolation_forest, needs_labels=False, meaning="anomalous payments, without labels"
        ),
        "boosted_trees": ModelKind(
            _boosted_trees, needs_labels=True, meaning="payments like known frauds"
        ),
    }
)
