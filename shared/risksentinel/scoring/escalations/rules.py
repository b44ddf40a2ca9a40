"""Escalations by fired rules: a rule's floor, the actions review and decline."""

from decimal import Decimal

from risksentinel.rules.rule import Action
from risksentinel.scoring.escalations.escalation import Grounds, Raise


def reviewing(grounds: Grounds) -> Raise | None:
    """A rule with the action `review` fired; `because` is the most severe one."""
    return _acting(grounds, Action.REVIEW, grounds.policy.high)


def declining(grounds: Grounds) -> Raise | None:
    """A rule with the action `decline` fired; `because` is the most severe one."""
    return _acting(grounds, Action.DECLINE, grounds.policy.critical)


def highest_floor(grounds: Grounds) -> Raise | None:
    """The highest floor of the fired rules."""
    floors = [
        (rule["floor"], rule, words) for rule, words in grounds.fired if rule["floor"] is not None
    ]
    if not floors:
        return None
    floor, rule, words = max(floors, key=lambda each: each[0])
    return Raise(Decimal(repr(floor)), words, rule["rule"])


def approving(grounds: Grounds) -> str | None:
    """Return the approving rule as id@version; None if another rule declines the payment."""
    actions = {rule["action"]: rule["rule"] for rule, _ in reversed(grounds.fired)}
    return None if Action.DECLINE in actions else actions.get(Action.APPROVE)


def _acting(grounds: Grounds, action: Action, floor: Decimal) -> Raise | None:
    for rule, words in grounds.fired:
        if rule["action"] == action:
            return Raise(floor, words, rule["rule"])
    return None
