"""Shorthand for writing default rules: conditions as analysts write them in JSON.

A reviewing rule weighs 0.5: its action brings the payment before an analyst, and its weight must
not decline the payment together with an unusual amount, which is what every first large payment
has. A declining rule weighs 1.
"""

from typing import Any, Final

A_DAY: Final = 86_400
REMOTE: Final = ["mobile_banking", "internet_banking", "ussd", "wallet"]
INSTANT: Final = ["payshap", "rtc"]  # final within a minute: nothing is left to stop

Rule = dict[str, Any]
Condition = dict[str, Any]


def asks(field: str, operator: str, value: object) -> Condition:
    """One comparison."""
    return {"field": field, "operator": operator, "value": value}


def every(*parts: Condition) -> Condition:
    """Each of the parts holds."""
    return {"all": list(parts)}


def stated(field: str) -> Condition:
    """The payment states the field: where it does not, a rule is false and not unknown."""
    return asks(field, "exists", True)  # noqa: FBT003 - a rule's value


def either(*parts: Condition) -> Condition:
    """At least one of the parts holds."""
    return {"any": list(parts)}


# Where the rail is not stated, it may be one of them.
INSTANTLY: Final = {
    "any": [
        {"field": "rail", "operator": "in", "value": [*INSTANT, "cash"]},
        {"field": "rail", "operator": "exists", "value": False},
    ]
}
REMOTELY: Final = asks("channel", "in", REMOTE)
NEW_BENEFICIARY: Final = asks("receiver.is_new_for_sender", "eq", True)  # noqa: FBT003 - a rule's value
IN_CASH: Final = asks("rail", "eq", "cash")
