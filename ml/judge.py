"""Judge: payments through the product's own scoring path."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ml.dataset import Dataset
from ml.replay import AT_ONCE, Advance
from ml.snapshots import Snapshots
from risksentinel.domain.history import Snapshot
from risksentinel.domain.signal import Opinion, Reading
from risksentinel.domain.transaction import EARLIEST, Transaction
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import NO_MODEL, Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from risksentinel.scoring.signals import SIGNALS

Floats = npt.NDArray[np.float64]
_REASON: Final = ("the model that is evaluated",)


def snapshots(
    data: Dataset, wanted: npt.NDArray[np.bool_], policy: Policy, advance: Advance
) -> list[Snapshot]:
    """The history around the wanted payments, all others recorded too."""
    history = Snapshots(policy.velocity_window_seconds)
    found = []
    for start in range(0, len(data), AT_ONCE):
        payments, keep = data.payments[start : start + AT_ONCE], wanted[start : start + AT_ONCE]
        recorded = [history.record(payment) for payment in payments]
        found += [one for one, kept in zip(recorded, keep.tolist(), strict=True) if kept]
        advance(len(payments))
    return found


def rules() -> list[Rule]:
    """The rules that RiskSentinel starts with."""
    return [
        parse_rule(one, rule_id=name, version=1, created_at=EARLIEST, updated_at=EARLIEST)
        for name, one in DEFAULT_RULES.items()
    ]


def fused(
    payments: Sequence[Transaction],
    history: Sequence[Snapshot],
    ranks: Floats | None,
    policy: Policy,
    weights: Mapping[str, float] | None = None,
) -> Floats:
    """The product's scores; without ranks those of the three signals that need no model.

    With weights, those that a model learnt take the place of the policy's.
    """
    policy = replace(
        policy,
        ml_weight=policy.ml_weight if ranks is not None else 0.0,
        learnt_weights=weights is not None,
    )
    return np.array(
        [
            float(score(facts, policy, EARLIEST).score)
            for facts in _facts(payments, history, ranks, weights)
        ]
    )


def signal_risks(
    payments: Sequence[Transaction], history: Sequence[Snapshot], ranks: Floats, policy: Policy
) -> Floats:
    """One row a payment, one column a signal; NaN where it is silent."""
    said = [
        [signal.opinion(facts, policy) for signal in SIGNALS.values()]
        for facts in _facts(payments, history, ranks, None)
    ]
    return np.array(
        [[one.risk if isinstance(one, Reading) else np.nan for one in row] for row in said]
    )


def _facts(
    payments: Sequence[Transaction],
    history: Sequence[Snapshot],
    ranks: Floats | None,
    weights: Mapping[str, float] | None,
) -> Iterator[Facts]:
    active = rules()
    details = {} if weights is None else {"weights": weights}
    opinions: Sequence[Opinion] = (
        [NO_MODEL] * len(payments)
        if ranks is None
        else [Reading(round(rank, 6), _REASON, details) for rank in ranks.tolist()]
    )
    for payment, snapshot, opinion in zip(payments, history, opinions, strict=True):
        yield Facts(payment, snapshot, active, opinion)
