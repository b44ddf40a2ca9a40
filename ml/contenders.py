"""Contenders: the ways to score payments that are compared over a test period."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ml.dataset import Dataset
from ml.judge import Floats, fused, snapshots
from ml.kinds import KINDS
from ml.onnx_scores import raw_scores, risks
from ml.protocol import Flags
from ml.replay import Advance
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
    _history: Any  # a snapshot a payment; None where nobody asks

    @classmethod
    def of(
        cls,
        data: Dataset,
        judged: Flags,
        trials: Sequence[Trial],
        policy: Policy,
        seed: int,
        advance: Advance,
    ) -> Self:
        """Replay the file from its first payment on."""
        needed = np.logical_or.reduce([judged, *(trial.later for trial in trials)])
        history = np.full(len(data), None, dtype=object)
        history[needed] = snapshots(data, needed, policy, advance)
        return cls(data, judged, policy, seed, history)

    def payments(self, flags: Flags) -> list[Transaction]:
        """These payments, in order."""
        return [self.data.payments[place] for place in np.flatnonzero(flags).tolist()]

    def history(self, flags: Flags) -> list[Snapshot]:
        """What was known around each of them."""
        return list(self._history[flags])

    def fused(self, ranks: Floats | None, weights: Weights | None = None) -> Floats:
        """The product's scores of what is judged."""
        payments, history = self.payments(self.judged), self.history(self.judged)
        return fused(payments, history, ranks, self.policy, weights)


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
