"""Candidates: the models and weights that are compared over a test period."""

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
class CandidateComparison:
    """A file, its tested payments, and its backfill."""

    data: Dataset
    tested: Flags
    policy: Policy
    seed: int
    past: Backfill

    def verdicts(self, ranks: Floats | None, weights: Weights | None = None) -> Verdicts:
        """The engine's verdicts on the tested payments."""
        payments = [self.data.payments[place] for place in np.flatnonzero(self.tested).tolist()]
        history = list(self.past.history[self.tested])
        return verdicts(payments, history, ranks, self.policy, weights)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model: its raw scores of the tested payments, their ranks, and the weights learnt."""

    scores: Floats
    ranks: Floats
    weights: Weights | None

    @classmethod
    def trained(
        cls, kind: str, matrix: Matrix, comparison: CandidateComparison, taught: Flags, trial: Trial
    ) -> Self:
        """Train a model on the `taught` payments, and learn the weights from a trial."""
        data = comparison.data
        fitted = MODEL_KINDS[kind].fit(matrix[taught], data.fraud[taught], comparison.seed)
        model = fitted.onnx()
        scores = raw_scores(model, matrix[comparison.tested])
        ranks = risks(scores, raw_scores(model, matrix[taught]))
        weights = learnt_weights(kind, matrix, trial, comparison.past.risks, comparison.seed)
        return cls(scores, ranks, weights)
