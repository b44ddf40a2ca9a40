"""SIGNALS: the opinions that make a score, one line each.

The weights of the three that need no model are DESIGN figures of the product: they hold when no
model answers. `ml` takes the policy's ML_WEIGHT of the whole and the others share the rest.
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
    """One opinion and what it weighs among those without a model; None for the model itself."""

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
