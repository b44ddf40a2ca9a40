"""ESCALATIONS: conditions that lift a score above the composite of the signals, one line each.

In a weighted mean one strong signal is outweighed by several low ones. An escalation sets a floor:
the score is mapped onto the range above it. docs/decisions.md has the reason of each threshold.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from risksentinel.scoring.escalations import amounts, lateness, rules, strong, velocity
from risksentinel.scoring.escalations.escalation import Escalation, Grounds, Raise, lifted
from risksentinel.scoring.escalations.nothing_answered import nothing_answered

ESCALATIONS: Final[Mapping[str, Callable[[Grounds], Raise | None]]] = MappingProxyType(
    {
        "nothing_answered": nothing_answered,
        "velocity_exceeded": velocity.exceeded,
        "velocity_far_exceeded": velocity.far_exceeded,
        "amount_out_of_proportion": amounts.out_of_proportion,
        "amount_beyond_ceiling": amounts.beyond_ceiling,
        "arrived_late": lateness.arrived_late,
        "strong_signals": strong.two_at_once,
        "strong_without_past": strong.without_past,
        "rule_review": rules.reviewing,
        "rule_decline": rules.declining,
        "rule_floor": rules.highest_floor,
    }
)


def escalated(composite: Decimal, grounds: Grounds) -> tuple[Decimal, tuple[Escalation, ...]]:
    """Return the score after all escalations that apply, with the lift of each.

    The floors are applied in ascending order, each one to the result of the one before. Evidence
    accumulates, and composite plus lifts equal the score exactly. Escalations that do not increase
    the score are left out.
    """
    held = [(name, found) for name, test in ESCALATIONS.items() if (found := test(grounds))]
    score, effective = composite, []
    for name, found in sorted(held, key=lambda each: each[1].floor):
        higher = lifted(score, found.floor, grounds.policy)
        if higher > score:
            effective.append(
                Escalation(name, found.floor, higher - score, found.words, found.because)
            )
            score = higher
    return score, tuple(effective)
