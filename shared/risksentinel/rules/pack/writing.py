"""Functions for writing the JSON conditions of default rules.

A rule with the action review has a weight of 0.5, so that it does not decline a payment together
with an unusual amount, which every first large payment has. A rule with the action decline has a
weight of 1.
"""

from typing import Any, Final

A_DAY: Final = 86_400
REMOTE: Final = ["mobile_banking", "internet_banking", "ussd", "wallet"]
INSTANT: Final = ["payshap", "rtc"]  # final within a minute: the payment cannot be stopped

Rule = dict[str, Any]
Condition = dict[str, Any]


def asks(field: str, operator: str, value: object) -> Condition:
    """Return a comparison."""
    return {"field": field, "operator": operator, "value": value}


def every(*parts: Condition) -> Condition:
    """Return a condition that all parts are true."""
    return {"all": list(parts)}


def stated(field: str) -> Condition:
    """Return a condition that the payment states the field, which is never unknown."""
    return asks(field, "exists", True)  # noqa: FBT003 - a rule's value


def either(*parts: Condition) -> Condition:
    """Return a condition that at least one part is true."""
    return {"any": list(parts)}


# A payment without a rail may use one of them.
INSTANTLY: Final = {
    "any": [
        {"field": "rail", "operator": "in", "value": [*INSTANT, "cash"]},
        {"field": "rail", "operator": "exists", "value": False},
    ]
}
REMOTELY: Final = asks("channel", "in", REMOTE)
NEW_BENEFICIARY: Final = asks("receiver.is_new_for_sender", "eq", True)  # noqa: FBT003 - a rule's value
IN_CASH: Final = asks("rail", "eq", "cash")
