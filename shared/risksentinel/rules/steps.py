"""steps: the condition of a rule and one payment -> the result of each of its parts."""

from collections.abc import Mapping
from typing import Any

from risksentinel.rules.fields import FIELDS
from risksentinel.rules.observation import Observation
from risksentinel.rules.tree import read_condition
from risksentinel.rules.values import Seen, seen

_WORDS = {True: "true", False: "false", None: "unknown"}
_BRANCHES = ("all", "any")


def steps(condition: Mapping[str, Any], observation: Observation) -> dict[str, Any]:
    """Return the tree of a parsed rule's condition with `result` at each part.

    `result` is "true", "false" or "unknown". A comparison has its field, operator and operand, and
    the `seen` value of the field; null if the field has no value. Each part is parsed and tested by
    the code that evaluates live payments. The values are personal data: mask them for readers that
    may not see them, and never log them.
    """
    result = _WORDS[read_condition(condition).test(observation)]
    if "not" in condition:
        return {"not": steps(condition["not"], observation), "result": result}
    for name in _BRANCHES:
        if name in condition:
            parts = [steps(part, observation) for part in condition[name]]
            return {name: parts, "result": result}
    return {**condition, "seen": _seen_in(condition, observation), "result": result}


def _seen_in(comparison: Mapping[str, Any], observation: Observation) -> Seen:
    return seen(FIELDS[comparison["field"]].read(observation))
