"""The most that all active rules together may cost a payment."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from risksentinel.errors import Conflict, Violation

MAX_ACTIVE_RULES: Final = 200
MAX_COMPARISONS: Final = 5_000
# The slowest pattern found takes 0.6 ms for an identifier of 64 characters: 60 take 36 ms.
MAX_PATTERNS: Final = 60
_PATTERN_OPERATOR: Final = "regex"


def refuse_too_many(active: Iterable[Mapping[str, Any]], added: Mapping[str, Any]) -> None:
    """Check the documents of the other active rules and of the one that is written.

    Raises:
        Conflict: names the limit, and what to change.
    """
    documents = [*active, added]
    if len(documents) > MAX_ACTIVE_RULES:
        raise Conflict(
            [Violation("", f"{MAX_ACTIVE_RULES} rules are active: deactivate one of them first")]
        )
    operators = [operator for each in documents for operator in _operators(each.get("condition"))]
    patterns = operators.count(_PATTERN_OPERATOR)
    if patterns > MAX_PATTERNS and _has_pattern(added):
        raise _conflict(patterns, MAX_PATTERNS, "patterns", "join patterns with |")
    if len(operators) > MAX_COMPARISONS:
        raise _conflict(
            len(operators), MAX_COMPARISONS, "comparisons", "put values into a named list"
        )


def _conflict(found: int, most: int, things: str, how: str) -> Conflict:
    said = (
        f"all active rules would have {found:,} {things}, at most {most:,} are allowed: {how}, "
        "or deactivate a rule"
    )
    return Conflict([Violation("condition", said)])


def _has_pattern(document: Mapping[str, Any]) -> bool:
    return _PATTERN_OPERATOR in _operators(document.get("condition"))


def _operators(condition: object) -> Iterator[object]:
    """The operator of each comparison, of any condition that was ever stored."""
    if isinstance(condition, Mapping):
        if "operator" in condition:
            yield condition["operator"]
            return
        for part in condition.values():
            yield from _operators(part)
    elif isinstance(condition, list | tuple):
        for part in condition:
            yield from _operators(part)
