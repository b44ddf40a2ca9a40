"""Plots as PNG: score distribution, precision and recall, ROC, calibration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ml.metrics import Labels

Floats = npt.NDArray[np.float64]
_BINS: Final = 40


def curves(folder: Path, scores: Mapping[str, Floats], fraud: Labels) -> None:
    """Plot precision and recall, and the ROC curve, of several scores."""
    from sklearn.metrics import (  # type: ignore[import-untyped] # it has no types
        precision_recall_curve,
        roc_curve,
    )

    found = {name: precision_recall_curve(fraud, values) for name, values in scores.items()}
    recalls = {name: (recall, precision) for name, (precision, recall, _) in found.items()}
    _lines(folder / "precision_recall.png", recalls, ("recall", "precision"))
    rocs = {name: roc_curve(fraud, values)[:2] for name, values in scores.items()}
    _lines(folder / "roc.png", rocs, ("false positives", "recall"))


def score_distribution(folder: Path, risks: Floats, fraud: Labels) -> None:
    """Plot histograms of the risks of genuine payments and of frauds."""
    axes, save = _figure(folder / "score_distribution.png", ("risk", "share of payments"))
    for label, name in ((0, "genuine or unknown"), (1, "fraud")):
        part = risks[(fraud == 1) == bool(label)]
        if part.size:
            weights = np.full(part.size, 1 / part.size)
            axes.hist(part, _BINS, range=(0, 1), weights=weights, alpha=0.6, label=name)
    axes.legend()
    save()


def calibration(folder: Path, risks: Floats, fraud: Labels) -> None:
    """Plot the share of frauds among payments of about the same risk."""
    order = np.argsort(risks, kind="stable")
    parts = [part for part in np.array_split(order, _BINS) if part.size]
    points = ([risks[part].mean() for part in parts], [fraud[part].mean() for part in parts])
    _lines(folder / "calibration.png", {"measured": points}, ("mean risk", "share of frauds"))


def _lines(path: Path, lines: Mapping[str, Any], labels: tuple[str, str]) -> None:
    axes, save = _figure(path, labels)
    for name, (x, y) in lines.items():
        axes.plot(x, y, label=name)
    axes.legend(fontsize="small")
    save()


def _figure(path: Path, labels: tuple[str, str]) -> tuple[Any, Any]:
    from matplotlib.figure import Figure  # pure Agg: no window, no state

    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    return axes, lambda: figure.savefig(path, dpi=110)
