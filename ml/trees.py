"""Trees: a fitted scikit-learn ensemble as arrays; the score is a sum over leaves."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from risksentinel.errors import Malformed

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]
_EULER: Final = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree by its nodes, the root first; a node whose `left` is -1 is a leaf.

    A value goes left if it is <= the threshold, a missing value if `missing_left` is true.
    """

    feature: Indexes
    threshold: Floats
    left: Indexes
    right: Indexes
    missing_left: npt.NDArray[np.bool_]
    value: Floats  # the addend of a leaf


@dataclass(frozen=True, slots=True)
class Ensemble:
    """`base` plus the leaves' sum is the score, which rises with the risk.

    An isolation forest's score is the binary logarithm of its anomaly score: 2^score is
    scikit-learn's -score_samples. The score of a random forest is the probability of fraud, that of
    boosted trees the log-odds of it: onnxruntime does not apply LOGISTIC to a single target (1.32).
    """

    trees: tuple[Tree, ...]
    base: float = 0.0


def ensemble_of(model: Any) -> Ensemble:  # noqa: ANN401 - scikit-learn has no types
    """Read a fitted ensemble.

    Raises:
        Malformed: this kind is not served, or the model was not fitted to the two classes 0 and 1,
            or was fitted to categories.
    """
    kind = type(model).__name__
    if kind not in _KINDS:
        raise Malformed(f"a {kind} cannot be exported: it must be one of {', '.join(_KINDS)}")
    return _KINDS[kind](model)


def _isolation_forest(model: Any) -> Ensemble:  # noqa: ANN401
    """Depth + c(n) of the leaf, summed (Liu, Ting and Zhou, 2008), scaled to the exponent."""
    whole = len(model.estimators_) * _path_length(np.array([model.max_samples_]))[0]
    if whole == 0:
        raise Malformed("the forest was fitted to one payment: there is nothing to isolate")
    trees = []
    for estimator, features in zip(model.estimators_, model.estimators_features_, strict=True):
        nodes = estimator.tree_
        depth = nodes.compute_node_depths() - 1
        path = depth + _path_length(nodes.n_node_samples)
        trees.append(_tree(nodes, -path / whole, np.asarray(features)))
    return Ensemble(tuple(trees))


def _forest(model: Any) -> Ensemble:  # noqa: ANN401
    _refuse_other_classes(model)
    everything = np.arange(model.n_features_in_)
    trees = []
    for estimator in model.estimators_:
        nodes = estimator.tree_
        weights = nodes.value[:, 0, :]
        fraud = weights[:, 1] / weights.sum(axis=1)
        trees.append(_tree(nodes, fraud / len(model.estimators_), everything))
    return Ensemble(tuple(trees))


def _boosted(model: Any) -> Ensemble:  # noqa: ANN401
    _refuse_other_classes(model)
    if model.is_categorical_ is not None and np.any(model.is_categorical_):
        raise Malformed("categories cannot be exported: give the model numbers")
    base = float(np.ravel(model._baseline_prediction)[0])  # noqa: SLF001 - it has no public name
    return Ensemble(tuple(_boosted_trees(model)), base)


def _boosted_trees(model: Any) -> Iterator[Tree]:  # noqa: ANN401
    for (predictor,) in model._predictors:  # noqa: SLF001 - it has no public name
        nodes = predictor.nodes
        leaf = nodes["is_leaf"].astype(bool)
        yield Tree(
            feature=nodes["feature_idx"].astype(np.int64),
            threshold=nodes["num_threshold"],
            left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
            right=np.where(leaf, -1, nodes["right"].astype(np.int64)),
            missing_left=nodes["missing_go_to_left"].astype(bool),
            value=nodes["value"],
        )


def _tree(nodes: Any, value: Floats, features: Indexes) -> Tree:  # noqa: ANN401
    left = np.asarray(nodes.children_left, dtype=np.int64)
    feature = np.asarray(nodes.feature, dtype=np.int64)
    return Tree(
        feature=np.where(left < 0, 0, features[np.maximum(feature, 0)]),
        threshold=np.asarray(nodes.threshold),
        left=left,
        right=np.asarray(nodes.children_right, dtype=np.int64),
        missing_left=np.asarray(nodes.missing_go_to_left).astype(bool),
        value=value,
    )


def _path_length(samples: npt.NDArray[np.integer[Any]]) -> Floats:
    """c(n): the mean depth at which a search in a tree of n payments ends."""
    n = samples.astype(np.float64)
    many = np.maximum(n, 3.0)
    mean = 2.0 * (np.log(many - 1.0) + _EULER) - 2.0 * (many - 1.0) / many
    return np.where(n <= 1, 0.0, np.where(n == 2, 1.0, mean))  # noqa: PLR2004 - c(2) is 1


def _refuse_other_classes(model: Any) -> None:  # noqa: ANN401
    if [int(known) for known in model.classes_] != [0, 1]:
        raise Malformed("the classes must be 0, genuine, and 1, fraud: both are needed")


_KINDS: Final[Mapping[str, Callable[[Any], Ensemble]]] = MappingProxyType(
    {
        "IsolationForest": _isolation_forest,
        "RandomForestClassifier": _forest,
        "ExtraTreesClassifier": _forest,
        "HistGradientBoostingClassifier": _boosted,
    }
)
