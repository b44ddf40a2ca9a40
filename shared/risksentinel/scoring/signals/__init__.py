"""SIGNALS: the signals of the score, one line each.

If the model answers, `ml` has the weight ML_WEIGHT of the policy, and the other three signals share
the rest in proportion to the weights below. If no model answers, the weights below apply. Weights
that a model learnt replace all of them if the policy allows it: see `scoring/fuse.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from risksentinel.domain.signal import Opinion
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.signals import anomaly, ml, rules, velocity


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal, and its weight if no model answers; the weight of the model itself is None."""

    opinion: Callable[[Facts, Policy], Opinion]
    weight: float | None


SIGNALS: Final[Mapping[str, Signal]] = MappingProxyType(
    {
        "rules": Signal(rules.opinion, 0.35),
        "velocity": Signal(velocity.opinion, 0.33),
        "anomaly": Signal(anomaly.opinion, 0.32),
        "ml": Signal(ml.opinion, None),
    }
)
