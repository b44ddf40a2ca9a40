"""Contenders: the ways to score payments that are compared over a test period."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ml.dataset import Dataset
from ml.judge import Floats, Verdicts, verdicts
from ml.kinds import KINDS
from ml.onnx_scores import raw_scores, risks
from ml.protocol import Flags
from ml.weights import Trial, Weights, learnt_weights
from risksentinel.domain.history import Snapshot
from risksentinel.domain.transaction import Transaction
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.policy import Policy


@dataclass(frozen=True, slots=True)
class Contest:
    """A file, which of its payments are judged, and what was known around those that matter."""

    data: Dataset
    judged: Flags
    policy: Policy
    seed: int
    states: Any  # a snapshot a payment that is judged or tried; None elsewhere

    def payments(self, flags: Flags) -> list[Transaction]:
        """These payments, in order."""
        return [self.data.payments[place] for place in np.flatnonzero(flags).tolist()]

    def history(self, flags: Flags) -> list[Snapshot]:
        """What was known around each of them."""
        return list(self.states[flags])

    def verdicts(self, ranks: Floats | None, weights: Weights | None = None) -> Verdicts:
        """The product's verdicts on what is judged."""
        payments, history = self.payments(self.judged), self.history(self.judged)
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
        history = contest.history(trial.later)
        weights = learnt_weights(kind, matrix, trial, history, contest.policy, contest.seed)
        return cls(scores, ranks, weights)
