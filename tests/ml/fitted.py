"""Ensembles fitted to made-up payments, some of whose features are missing."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import (  # type: ignore[import-untyped]  # it has no types
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)

Floats = npt.NDArray[np.float32]
FEATURES: Final = 12
ENSEMBLES: Final[Mapping[str, Callable[[], Any]]] = MappingProxyType(
    {
        "isolation_forest": lambda: IsolationForest(
            n_estimators=60, max_samples=256, random_state=1
        ),
        "of some features": lambda: IsolationForest(
            n_estimators=30, max_features=0.5, random_state=1
        ),
        "random_forest": lambda: RandomForestClassifier(
            n_estimators=20, max_depth=10, random_state=1
        ),
        "extra_trees": lambda: ExtraTreesClassifier(n_estimators=20, max_depth=10, random_state=1),
        "boosted": lambda: HistGradientBoostingClassifier(max_iter=40, random_state=1),
    }
)


def payments(rows: int, seed: int, missing: float = 0.1) -> Floats:
    """Features of so many payments; this share of the figures is missing."""
    chance = np.random.default_rng(seed)
    figures = chance.lognormal(sigma=2, size=(rows, FEATURES)).astype(np.float32)
    figures[:, 0] = chance.integers(0, 3, rows)  # few values: thresholds lie right on them
    figures[chance.random(figures.shape) < missing] = np.nan
    return figures


@cache
def fitted(kind: str, missing: float) -> Any:  # noqa: ANN401 - scikit-learn has no types
    """The ensemble, fitted to 3,000 payments."""
    figures = payments(3_000, 7, missing)
    fraud = np.nan_to_num(figures[:, 1]) * (np.nan_to_num(figures[:, 0]) + 1) > 4
    return ENSEMBLES[kind]().fit(figures, fraud.astype(int))


def expected(model: Any, figures: Floats) -> npt.NDArray[np.float64]:  # noqa: ANN401
    """The anomaly score, or the probability of fraud, by scikit-learn."""
    if isinstance(model, IsolationForest):
        return np.asarray(-model.score_samples(figures))
    return np.asarray(model.predict_proba(figures)[:, 1])


def on_its_scale(kind: str, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The exported score, converted to the scale of scikit-learn."""
    if kind in {"isolation_forest", "of some features"}:
        return np.exp2(scores)
    return 1 / (1 + np.exp(-scores)) if kind == "boosted" else scores
