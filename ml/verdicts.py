"""Verdicts: the engine's own scoring of payments, for evaluation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from ml.backfill import Flags
from ml.engine_decision import RULES
from risksentinel.domain.history import Snapshot
from risksentinel.domain.signal import Opinion, Reading
from risksentinel.domain.transaction import EARLIEST, Transaction
from risksentinel.domain.verdict import Verdict
from risksentinel.scoring.facts import NO_MODEL, Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score

Floats = npt.NDArray[np.float64]
_REASON: Final = ("the evaluated model",)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The engine's verdicts, one entry for each payment.

    `composites` are the scores before escalations, `grounds` the rules that fired and the
    escalations that took effect, by names like `rule za-night-burst`.
    """

    scores: Floats
    composites: Floats
    alerts: Flags
    grounds: Sequence[tuple[str, ...]]

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Self:
        """Read the measured values of verdicts; the receipts are dropped."""
        rows = [
            (float(each.score), each.explanation["composite"], each.alert, _grounds(each))
            for each in verdicts
        ]
        scores, composites, alerts, grounds = zip(*rows, strict=True) if rows else ((),) * 4
        flags = np.array(alerts, dtype=np.bool_)
        return cls(np.array(scores), np.array(composites), flags, grounds)


def verdicts(
    payments: Sequence[Transaction],
    history: Sequence[Snapshot],
    ranks: Floats | None,
    policy: Policy,
    weights: Mapping[str, float] | None = None,
) -> Verdicts:
    """The engine's verdicts; without ranks by the three signals that need no model.

    Given `weights` that a model learnt, they replace the weights of the policy.
    """
    policy = replace(
        policy,
        ml_weight=policy.ml_weight if ranks is not None else 0.0,
        learnt_weights=weights is not None,
    )
    every = _facts(payments, history, ranks, weights)
    return Verdicts.of(score(facts, policy, EARLIEST) for facts in every)


def _grounds(verdict: Verdict) -> tuple[str, ...]:
    explanation = verdict.explanation
    fired = explanation["signals"]["rules"]["details"].get("fired", ())
    rules = [f"rule {each['rule'].partition('@')[0]}" for each in fired]
    return (*rules, *(f"escalation {each['name']}" for each in explanation["escalations"]))


def _facts(
    payments: Sequence[Transaction],
    history: Sequence[Snapshot],
    ranks: Floats | None,
    weights: Mapping[str, float] | None,
) -> Iterator[Facts]:
    details = {} if weights is None else {"weights": weights}
    opinions: Sequence[Opinion] = (
        [NO_MODEL] * len(payments)
        if ranks is None
        else [Reading(round(rank, 6), _REASON, details) for rank in ranks.tolist()]
    )
    for payment, snapshot, opinion in zip(payments, history, opinions, strict=True):
        yield Facts(payment, snapshot, RULES, opinion)
