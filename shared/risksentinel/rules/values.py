"""values_of: what a rule saw, for the explanation that an analyst reads. Never for a log."""

from decimal import Decimal

from risksentinel.rules.fields import FIELDS
from risksentinel.rules.kinds import Value
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Rule

Seen = str | int | float | bool | None  # bool is an int to Python, not to JSON


def values_of(rule: Rule, observation: Observation) -> dict[str, Seen]:
    """The values of the rule's fields as JSON; None where a value is unknown."""
    return {name: _seen(FIELDS[name].read(observation)) for name in rule.fields}


def _seen(value: Value | None) -> Seen:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value) if isinstance(value, str) else value
