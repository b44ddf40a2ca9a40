"""Escalation: a floor of the score with its reason, and its lift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import Any, Final, Self

from risksentinel.domain.checked_value import checked_value
from risksentinel.domain.signal import Opinion, Reading
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy

PLACES: Final = Decimal("0.0001")
_ONE: Final = Decimal(1)


@checked_value
class Grounds:
    """The input of an escalation."""

    facts: Facts
    opinions: Mapping[str, Opinion]
    policy: Policy
    fired: Sequence[tuple[Mapping[str, Any], str]]  # rules and reasons, the most severe first
    at: datetime  # of scoring, when the payment has arrived

    @classmethod
    def of(
        cls, facts: Facts, opinions: Mapping[str, Opinion], policy: Policy, at: datetime
    ) -> Self:
        """Return the grounds with the fired rules from the opinion of the signal rules."""
        said = opinions["rules"]
        if not isinstance(said, Reading) or not said.details.get("fired"):
            return cls(facts, opinions, policy, (), at)
        # Fired rules and reasons are in the same order.
        fired = zip(said.details["fired"], said.reasons, strict=True)
        return cls(facts, opinions, policy, tuple(fired), at)


@dataclass(frozen=True, slots=True)
class Raise:
    """A floor that the score must reach, with its reason; `because` is a rule as id@version."""

    floor: Decimal
    words: str
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """An applied escalation: `lift` is the increase of the score."""

    name: str
    floor: Decimal
    lift: Decimal
    words: str
    because: str | None


def lifted(score: Decimal, floor: Decimal, policy: Policy) -> Decimal:
    """Map a score onto the range from the floor to the next threshold above the floor.

    The map is monotonic and never below the score, so that scores keep their order above the floor,
    and an escalation to review alone never declines. Four decimals, rounded down.
    """
    floor = floor.quantize(PLACES, ROUND_CEILING)
    thresholds = (policy.high, policy.critical, _ONE)
    top = next((each for each in thresholds if each > floor), _ONE)
    if score >= top:
        return score
    return (floor + (top - floor) * score / top).quantize(PLACES, ROUND_DOWN)
