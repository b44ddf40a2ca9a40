"""Fusion: the answering signals' readings become one composite, each with its exact share."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from risksentinel.domain.signal import Opinion, Reading
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.signals import SIGNALS

PLACES: Final = Decimal("0.0001")
_TEN_THOUSAND: Final = 10_000
ZERO: Final = Decimal("0.0000")


@dataclass(frozen=True, slots=True)
class Share:
    """What one signal weighs and adds to the score, both with four decimals."""

    weight: Decimal
    contribution: Decimal


NOTHING: Final = Share(ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class Fusion:
    """The composite of the signals and the parts that it is the exact sum of."""

    opinions: Mapping[str, Opinion]
    shares: Mapping[str, Share]
    composite: Decimal


def fuse(opinions: Mapping[str, Opinion], policy: Policy) -> Fusion:
    """A silent signal's weight goes to the others in proportion; contributions never pass 1."""
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
    """What each signal weighs where all answer: as the model learnt it, or as the policy says."""
    learnt = model.details.get("weights") if policy.learnt_weights else None
    if learnt is not None:
        return tuple(float(learnt[name]) for name in SIGNALS)
    return _designed(policy.ml_weight)


@lru_cache(maxsize=8)
def _designed(share: float) -> tuple[float, ...]:
    """What each signal weighs where the model's share is this."""
    return tuple(
        share if signal.weight is None else signal.weight * (1.0 - share)
        for signal in SIGNALS.values()
    )


@lru_cache(maxsize=256)
def weights_of(answering: tuple[str, ...], base: tuple[float, ...]) -> dict[str, Decimal]:
    """The weights of the signals that answer: four decimals, and exactly 1 in all.

    Rounding is by largest remainder, so that no weight is lost or made up.
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
