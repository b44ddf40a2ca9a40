"""Parser of a rule's condition: a tree of all, any and not, with comparisons as leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from risksentinel.errors import Malformed, Violation
from risksentinel.rules.comparison import read_comparison
from risksentinel.rules.condition import Condition, all_of, any_of, negation
from risksentinel.rules.violations import read_each, within

MAX_LEVELS: Final = 8
MAX_COMPARISONS: Final = 200
MAX_PARTS: Final = 50
_BRANCHES: Final = ("all", "any", "not")
_SHAPES: Final = 'must be one of {"field", "operator", "value"}, {"all"}, {"any"} and {"not"}'


def read_condition(raw: object) -> Condition:
    """Parse a condition; the path of a violation starts inside it, like `.all[2].field`.

    Raises:
        Malformed: all violations of the tree.
    """
    reading = _Reading()
    try:
        return reading.node(raw, 1)
    except Malformed as malformed:
        if reading.ends <= MAX_COMPARISONS:
            raise
        message = f"must not have more than {MAX_COMPARISONS} comparisons"
        raise Malformed([*malformed.violations, Violation("", message)]) from None


@dataclass(slots=True)
class _Reading:
    """State of the parser; `ends` counts the leaves, so that parsing a huge tree stops."""

    ends: int = 0

    def node(self, raw: object, level: int) -> Condition:
        """Parse a node and its children. Raises Malformed."""
        self._stop_when_too_many()
        if level > MAX_LEVELS:
            raise self._end(f"must not be nested deeper than {MAX_LEVELS} levels")
        if not isinstance(raw, Mapping):
            raise self._end(_SHAPES)
        branches = [name for name in _BRANCHES if name in raw]
        if not branches:
            return self._comparison(raw)
        if len(raw) > 1:
            raise self._end(_SHAPES + ", with no other key")
        try:
            return self._branch(branches[0], raw[branches[0]], level + 1)
        except Malformed as malformed:
            raise Malformed(within(f".{branches[0]}", malformed)) from None

    def _comparison(self, raw: Mapping[object, object]) -> Condition:
        self.ends += 1
        self._stop_when_too_many()
        return read_comparison(raw)

    def _branch(self, name: str, raw: object, level: int) -> Condition:
        if name == "not":
            return negation(self.node(raw, level))
        if not isinstance(raw, list | tuple) or not 1 <= len(raw) <= MAX_PARTS:
            raise self._end(f"must be a list of 1 to {MAX_PARTS} conditions")
        parts = read_each(lambda part: self.node(part, level), raw)
        return all_of(parts) if name == "all" else any_of(parts)

    def _end(self, message: str) -> Malformed:
        self.ends += 1
        return Malformed(message)

    def _stop_when_too_many(self) -> None:
        if self.ends > MAX_COMPARISONS:
            raise Malformed([])  # the root reports it once
