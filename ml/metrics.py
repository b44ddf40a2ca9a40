"""Metrics: how well scores separate frauds from other payments."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.metrics import (  # type: ignore[import-untyped] # it has no types
    average_precision_score,
    roc_auc_score,
    roc_curve,
)

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


def auc_and_ap(fraud: Labels, scores: Floats) -> dict[str, float]:
    """Area under the ROC curve, and average precision as scikit-learn defines it."""
    return {
        "auc": float(roc_auc_score(fraud, scores)),
        "ap": float(average_precision_score(fraud, scores)),
    }


def recall_at(fraud: Labels, scores: Floats, false_positives: float = 0.01) -> float:
    """The recall at the threshold that flags this share of the genuine payments."""
    flagged, found, _ = roc_curve(fraud, scores)
    return float(found[np.searchsorted(flagged, false_positives, side="right") - 1])


def card_precision(
    days: npt.NDArray[np.int64],
    senders: Sequence[str],
    fraud: Labels,
    scores: Floats,
    first: int = 100,
) -> float:
    """The mean over the days of the share of truly defrauded senders among the first 100.

    A day's senders are ranked by their highest score; senders found on an earlier day are left out.
    """
    found: set[str] = set()
    hits = []
    for day in np.unique(days):
        highest: dict[str, float] = {}
        defrauded = set()
        for place in np.flatnonzero(days == day).tolist():
            sender = senders[place]
            highest[sender] = max(highest.get(sender, -np.inf), scores[place])
            if fraud[place] == 1:
                defrauded.add(sender)
        ranked = sorted((name for name in highest if name not in found), key=lambda n: -highest[n])
        caught = defrauded.intersection(ranked[:first])
        found |= caught
        hits.append(len(caught) / first)
    return float(np.mean(hits))
