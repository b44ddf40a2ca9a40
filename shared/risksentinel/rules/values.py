"""The field values and list entries behind a fired rule, for explanations; never for logs."""

from decimal import Decimal

from risksentinel.rules.fields import FIELDS
from risksentinel.rules.kinds import Value
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Rule

Seen = str | int | float | bool | None  # bool is an int to Python, not to JSON


def values_of(rule: Rule, observation: Observation) -> dict[str, Seen]:
    """Return the values of the rule's fields as JSON; None for an unknown value."""
    return {name: seen(FIELDS[name].read(observation)) for name in rule.fields}


def listed_in(rule: Rule, observation: Observation) -> list[dict[str, Seen]]:
    """Return the rule's fields that are on its lists, with the entries, in the rule's order."""
    found: list[dict[str, Seen]] = []
    for name in rule.lists:
        for field in rule.fields:
            text = FIELDS[field].read(observation)
            entry = observation.lists.entry(name, text) if isinstance(text, str) else None
            if entry is not None:
                found.append(
                    {"list": name, "field": field, "reason": entry.reason, "author": entry.author}
                )
    return found


def seen(value: Value | None) -> Seen:
    """Return a value of a field as JSON; amounts have cents."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value) if isinstance(value, str) else value
