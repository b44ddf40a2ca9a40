"""Weights: what each signal should weigh in the score, learnt from labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.dataset import Dataset
from ml.model_kinds import MIN_FRAUDS, MODEL_KINDS, Labels
from ml.onnx_scores import raw_scores, risks
from ml.protocol import Flags
from ml.verdicts import Floats
from risksentinel.domain.model_version import MIN_WEIGHT
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.signals import SIGNALS
from risksentinel.scoring.signals.ml import risk_of

Weights = Mapping[str, float]  # by signal

_EARLIER: Final = 0.75  # of the payments, which the model learns from; the others it is tried on
_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Trial:
    """Payments by time: the earlier ones teach a model, the later ones show what it is worth.

    A model that is weighed by the payments that it learnt from would weigh too much.
    """

    data: Dataset
    earlier: Flags
    later: Flags

    @classmethod
    def of(cls, data: Dataset, learnt: Flags) -> "Trial":
        """Divide the labelled payments; no fraud teaches that was not known as the trial began."""
        places = np.flatnonzero(learnt)
        border = places[int(len(places) * _EARLIER)]
        before = np.arange(len(data)) < border
        return cls(data, learnt & before & data.known_by(int(data.at[border])), learnt & ~before)


def learnt_weights(
    kind: str,
    matrix: Matrix,
    trial: Trial,
    said: Floats,
    seed: int,
) -> Weights | None:
    """The weights by signal; `said` is what each signal but the model says of each payment.

    None where there are too few frauds among them, or the model learns nothing from the earlier
    ones. The coefficients of a logistic regression on the signals' risks, of whichever all answer,
    are divided by their sum: this keeps its ranking, and a score that is the sum of its
    contributions. A signal whose coefficient says that it speaks for innocence keeps the least.
    """
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    data = trial.data
    if any(_few(data.fraud[part]) for part in (trial.earlier, trial.later)):
        return None
    fitted = MODEL_KINDS[kind].fit(matrix[trial.earlier], data.fraud[trial.earlier], seed)
    model = fitted.onnx()
    ranks = risks(raw_scores(model, matrix[trial.later]), raw_scores(model, matrix[trial.earlier]))
    said = said[trial.later]
    said[:, list(SIGNALS).index("ml")] = [risk_of(round(rank, 6)) for rank in ranks.tolist()]
    answered = ~np.isnan(said).any(axis=1)
    fraud = data.fraud[trial.later][answered]
    if _few(fraud):
        return None
    regression = LogisticRegression(max_iter=1_000).fit(said[answered], fraud)
    return _shared_out(regression.coef_[0])


def _few(fraud: Labels) -> bool:
    """Whether either class is too small to teach."""
    return min(int((fraud == 0).sum()), int((fraud == 1).sum())) < MIN_FRAUDS


def _shared_out(coefficients: Floats) -> Weights:
    """Shares of exactly 1 at six decimals, none below the least; the largest takes the rest."""
    positive = np.maximum(coefficients, 0.0)
    if positive.sum() == 0:
        positive = np.ones(len(positive))
    least = MIN_WEIGHT
    shares = least + positive / positive.sum() * (1.0 - least * len(positive))
    rounded = np.round(shares, _PLACES)
    largest = int(rounded.argmax())
    rounded[largest] = round(1.0 - float(np.delete(rounded, largest).sum()), _PLACES)
    return dict(zip(SIGNALS, rounded.tolist(), strict=True))
