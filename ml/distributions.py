"""The distributions of training payments in a manifest: for ranks and for drift."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from risksentinel.domain.model_version import Distribution

Column = npt.NDArray[np.floating[Any]]
QUANTILES: Final = 1_001  # every tenth of a percent
BINS: Final = 10


def score_quantiles(scores: Column) -> tuple[float, ...]:
    """The raw scores at 1,001 evenly spaced ranks, the lowest and the highest included."""
    return tuple(np.quantile(scores, np.linspace(0, 1, QUANTILES)).tolist())


def distribution(values: Column) -> Distribution:
    """Ten bins with as many values each, fewer where values repeat; NaN is missing."""
    known = np.sort(values[~np.isnan(values)].astype(np.float64))
    if known.size == 0:
        return Distribution(edges=(), shares=(0.0,), missing=1.0 if values.size else 0.0)
    inner = np.linspace(0, 1, BINS + 1)[1:-1]
    lower = np.unique(np.quantile(known, inner, method="lower"))
    lower = lower[lower < known[-1]]  # the last bin has no edge, and is not empty
    filled = np.searchsorted(known, lower, side="right")
    # Between two values, not on one: a value that is rounded later stays in its bin.
    middle = (lower + known[filled]) / 2
    edges = np.where(middle < known[filled], middle, lower)  # neighbours have no float between
    counts = np.diff(np.concatenate(([0], filled, [known.size])))
    shares = counts / values.size
    return Distribution(
        edges=tuple(edges.tolist()),
        shares=tuple(shares.tolist()),
        missing=float(1.0 - known.size / values.size),
    )
