"""Fusion: the weighted mean of the answering signals, with the exact share of each."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from risksentinel.domain.checked_value import checked_value
from risksentinel.domain.signal import Opinion, Reading
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.signals import SIGNALS

PLACES: Final = Decimal("0.0001")
_TEN_THOUSAND: Final = 10_000
ZERO: Final = Decimal("0.0000")


@checked_value
class Share:
    """The weight and the contribution of one signal, both with four decimals."""

    weight: Decimal
    contribution: Decimal


NOTHING: Final = Share(ZERO, ZERO)


@checked_value
class Fusion:
    """The composite, and the share of each signal: the contributions add up to it exactly."""

    opinions: Mapping[str, Opinion]
    shares: Mapping[str, Share]
    composite: Decimal


def fuse(opinions: Mapping[str, Opinion], policy: Policy) -> Fusion:
    """Return the fusion; the weight of a silent signal is distributed over the others."""
    answering = tuple(name for name, said in opinions.items() if isinstance(said, Reading))
    weights = weights_of(answering, _base(opinions["ml"], policy))
    shares = {
        name: _share(weights[name], said.risk) if isinstance(said, Reading) else NOTHING
        for name, said in opinions.items()
    }
    mean = sum((share.contribution for share in shares.values()), ZERO)
    return Fusion(opinions, shares, mean)


def _share(weight: Decimal, risk: float) -> Share:
    exact = weight * Decimal(repr(risk))
    return Share(weight, exact.quantize(PLACES, ROUND_HALF_EVEN))


def _base(model: Opinion, policy: Policy) -> tuple[float, ...]:
    """Return the weights before silent signals are left out, in the order of SIGNALS.

    They are the weights that the model learnt, if the policy allows it, or else the designed ones.
    """
    learnt = model.details.get("weights") if policy.learnt_weights else None
    if learnt is not None:
        return tuple(float(learnt[name]) for name in SIGNALS)
    return _designed(policy.ml_weight)


@lru_cache(maxsize=8)
def _designed(share: float) -> tuple[float, ...]:
    """Return the weights of all signals, in the order of SIGNALS; the model's is `share`."""
    return tuple(
        share if signal.weight is None else signal.weight * (1.0 - share)
        for signal in SIGNALS.values()
    )


@lru_cache(maxsize=256)
def weights_of(answering: tuple[str, ...], base: tuple[float, ...]) -> dict[str, Decimal]:
    """Return the weights of the answering signals: four decimals, with a sum of exactly 1.

    Rounding is by largest remainder.
    """
    raw = {name: weight for name, weight in zip(SIGNALS, base, strict=True) if name in answering}
    if sum(raw.values()) == 0:  # ML_WEIGHT=1 and the model is silent
        raw = {name: SIGNALS[name].weight or 0.0 for name in answering}
    whole = sum(raw.values())
    exact = {name: share / whole * _TEN_THOUSAND for name, share in raw.items()}
    parts = {name: int(share) for name, share in exact.items()}
    missing = _TEN_THOUSAND * bool(answering) - sum(parts.values())
    by_remainder = sorted(answering, key=lambda name: parts[name] - exact[name])
    for name in by_remainder[:missing]:
        parts[name] += 1
    return {name: Decimal(part).scaleb(-4) for name, part in parts.items()}
