"""Candidates: the ways to score payments that are compared over a test period."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from ml.backfill import Backfill
from ml.dataset import Dataset
from ml.model_kinds import MODEL_KINDS
from ml.onnx_scores import raw_scores, risks
from ml.protocol import Flags
from ml.verdicts import Floats, Verdicts, verdicts
from ml.weights import Trial, Weights, learnt_weights
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.policy import Policy


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file, which of its payments are judged, and what a replay found."""

    data: Dataset
    tested: Flags
    policy: Policy
    seed: int
    past: Backfill

    def verdicts(self, ranks: Floats | None, weights: Weights | None = None) -> Verdicts:
        """The product's verdicts on what is judged."""
        payments = [self.data.payments[place] for place in np.flatnonzero(self.tested).tolist()]
        history = list(self.past.history[self.tested])
        return verdicts(payments, history, ranks, self.policy, weights)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model over what is judged: its raw scores, their ranks, and the weights learnt for it."""

    scores: Floats
    ranks: Floats
    weights: Weights | None

    @classmethod
    def trained(
        cls, kind: str, matrix: Matrix, comparison: Comparison, taught: Flags, trial: Trial
    ) -> Self:
        """Taught by some payments; the weights by a trial."""
        data = comparison.data
        fitted = MODEL_KINDS[kind].fit(matrix[taught], data.fraud[taught], comparison.seed)
        model = fitted.onnx()
        scores = raw_scores(model, matrix[comparison.tested])
        ranks = risks(scores, raw_scores(model, matrix[taught]))
        weights = learnt_weights(kind, matrix, trial, comparison.past.risks, comparison.seed)
        return cls(scores, ranks, weights)
