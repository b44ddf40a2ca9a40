"""SIGNALS: the signals of the score, one line each.

The weights of the three signals without a model apply when no model answers. `ml` has the policy's
ML_WEIGHT of the whole; the other signals share the rest.
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
    """A signal and its weight among the signals without a model; None for the model."""

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
