"""Contenders: the ways to score payments that are compared over a test period."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from ml.dataset import Dataset
from ml.judge import Floats, Verdicts, verdicts
from ml.kinds import KINDS
from ml.onnx_scores import raw_scores, risks
from ml.protocol import Flags
from ml.replay import Replayed
from ml.weights import Trial, Weights, learnt_weights
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.policy import Policy


@dataclass(frozen=True, slots=True)
class Contest:
    """A file, which of its payments are judged, and what a replay found."""

    data: Dataset
    judged: Flags
    policy: Policy
    seed: int
    past: Replayed

    def verdicts(self, ranks: Floats | None, weights: Weights | None = None) -> Verdicts:
        """The product's verdicts on what is judged."""
        payments = [self.data.payments[place] for place in np.flatnonzero(self.judged).tolist()]
        history = list(self.past.history[self.judged])
        return verdicts(payments, history, ranks, self.policy, weights)


@dataclass(frozen=True, slots=True)
class Contender:
    """A model over what is judged: its raw scores, their ranks, and the weights learnt for it."""

    scores: Floats
    ranks: Floats
    weights: Weights | None

    @classmethod
    def trained(
        cls, kind: str, matrix: Matrix, contest: Contest, taught: Flags, trial: Trial
    ) -> Self:
        """Taught by some payments; the weights by a trial."""
        data = contest.data
        fitted = KINDS[kind].fit(matrix[taught], data.fraud[taught], contest.seed)
        model = fitted.onnx()
        scores = raw_scores(model, matrix[contest.judged])
        ranks = risks(scores, raw_scores(model, matrix[taught]))
        weights = learnt_weights(kind, matrix, trial, contest.past.said, contest.seed)
        return cls(scores, ranks, weights)
