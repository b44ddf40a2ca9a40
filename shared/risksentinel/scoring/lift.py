"""Lift: what a floor adds, so that the mean of the signals does not fall below it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from risksentinel.domain.signal import Opinion, Reading
from risksentinel.scoring.policy import Policy

NOTHING_ANSWERED: Final = "no signal answered: the unknown is treated as high risk until reviewed"


@dataclass(frozen=True, slots=True)
class Lift:
    """`because` names the rule as id@version, or says that nothing answered; `words` say why."""

    floor: Decimal
    because: str
    words: str
    contribution: Decimal


def lift(opinions: Mapping[str, Opinion], mean: Decimal, policy: Policy) -> Lift | None:
    """A certain rule is not outvoted, and a payment of which nothing is known is not low."""
    if not any(isinstance(said, Reading) for said in opinions.values()):
        high = _four_places(policy.high)
        return Lift(high, NOTHING_ANSWERED, NOTHING_ANSWERED, high - mean)
    rules = opinions["rules"]
    if not isinstance(rules, Reading):
        return None
    # Each rule that fired has its reason at the same place.
    floors = [
        (_four_places(Decimal(repr(rule["floor"]))), rule["rule"], words)
        for rule, words in zip(rules.details.get("fired", ()), rules.reasons, strict=False)
        if rule["floor"] is not None
    ]
    floor, because, words = max(floors, default=(mean, "", ""))
    return Lift(floor, because, words, floor - mean) if floor > mean else None


def _four_places(floor: Decimal) -> Decimal:
    # As many as a score has; upwards, so that no score stays below its floor.
    return floor.quantize(Decimal("0.0001"), ROUND_CEILING)
