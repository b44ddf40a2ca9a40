"""Weights: the weight of each signal in the score, learnt from labels."""

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

_EARLIER: Final = 0.75  # of the payments teach the model, the others test it
_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Trial:
    """Payments by time: the earlier ones train a model, the later ones determine its weight.

    A weight from the payments that the model learnt from would be too large.
    """

    data: Dataset
    earlier: Flags
    later: Flags

    @classmethod
    def of(cls, data: Dataset, learnt: Flags) -> "Trial":
        """Divide the labelled payments; earlier frauds must be known when the later part begins."""
        places = np.flatnonzero(learnt)
        border = places[int(len(places) * _EARLIER)]
        before = np.arange(len(data)) < border
        return cls(data, learnt & before & data.known_by(int(data.at[border])), learnt & ~before)


def learnt_weights(
    kind: str,
    matrix: Matrix,
    trial: Trial,
    risks_of_signals: Floats,
    seed: int,
) -> Weights | None:
    """The weights by signal; `risks_of_signals` has the risk of each signal but the model.

    None if a part of the trial has too few frauds or too few genuine payments. The coefficients of
    a logistic regression on the signals' risks, on payments with an answer of all signals, are
    divided by their sum: this keeps the ranking, and the score stays the sum of its contributions.
    A signal with a negative coefficient gets the smallest weight.
    """
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    data = trial.data
    if any(_few(data.fraud[part]) for part in (trial.earlier, trial.later)):
        return None
    fitted = MODEL_KINDS[kind].fit(matrix[trial.earlier], data.fraud[trial.earlier], seed)
    model = fitted.onnx()
    ranks = risks(raw_scores(model, matrix[trial.later]), raw_scores(model, matrix[trial.earlier]))
    answers = risks_of_signals[trial.later]
    answers[:, list(SIGNALS).index("ml")] = [risk_of(round(rank, 6)) for rank in ranks.tolist()]
    answered = ~np.isnan(answers).any(axis=1)
    fraud = data.fraud[trial.later][answered]
    if _few(fraud):
        return None
    regression = LogisticRegression(max_iter=1_000).fit(answers[answered], fraud)
    return _shared_out(regression.coef_[0])


def _few(fraud: Labels) -> bool:
    """Whether either class is too small to learn from."""
    return min(int((fraud == 0).sum()), int((fraud == 1).sum())) < MIN_FRAUDS


def _shared_out(coefficients: Floats) -> Weights:
    """Shares with six decimals and the sum 1, none below MIN_WEIGHT; the largest takes the rest."""
    positive = np.maximum(coefficients, 0.0)
    if positive.sum() == 0:
        positive = np.ones(len(positive))
    least = MIN_WEIGHT
    shares = least + positive / positive.sum() * (1.0 - least * len(positive))
    rounded = np.round(shares, _PLACES)
    largest = int(rounded.argmax())
    rounded[largest] = round(1.0 - float(np.delete(rounded, largest).sum()), _PLACES)
    return dict(zip(SIGNALS, rounded.tolist(), strict=True))
