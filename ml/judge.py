"""Judge: payments through the product's own scoring path."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ml.dataset import Dataset
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

Floats = npt.NDArray[np.float64]
_REASON: Final = ("the model that is evaluated",)


def snapshots(data: Dataset, wanted: npt.NDArray[np.bool_], policy: Policy) -> list[Snapshot]:
    """The history around the wanted payments, all others recorded too."""
    history = Snapshots(policy.velocity_window_seconds)
    recorded = (history.record(payment) for payment in data.payments)
    return [one for one, keep in zip(recorded, wanted, strict=True) if keep]


def rules() -> list[Rule]:
    """The rules that RiskSentinel starts with."""
    return [
        parse_rule(one, rule_id=name, version=1, created_at=EARLIEST, updated_at=EARLIEST)
        for name, one in DEFAULT_RULES.items()
    ]


def fused(
    payments: Sequence[Transaction],
    history: Sequence[Snapshot],
    risks: Floats | None,
    policy: Policy,
) -> Floats:
    """The product's scores; without risks those of the three signals that need no model."""
    active, at = rules(), EARLIEST
    if risks is None:
        policy = replace(policy, ml_weight=0.0)
    opinions: Sequence[Opinion] = [NO_MODEL] * len(payments) if risks is None else _readings(risks)
    return np.array(
        [
            float(score(Facts(payment, snapshot, active, opinion), policy, at).score)
            for payment, snapshot, opinion in zip(payments, history, opinions, strict=True)
        ]
    )


def _readings(risks: Floats) -> list[Reading]:
    return [Reading(round(risk, 6), _REASON) for risk in risks.tolist()]
