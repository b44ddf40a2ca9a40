"""OPERATORS: the operators that compare a field with a value, one line each.

Texts are compared case-insensitively and without blanks at both ends, unless the comparison has
`"exact": true`. A pattern is always exact; `(?i)` makes it case-insensitive.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from operator import contains, eq, ge, gt, le, lt, ne
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from risksentinel.domain.named_list import Entry, Memberships
from risksentinel.rules.kinds import FieldKind, Value


class Takes(Enum):
    """The value that an operator takes in a rule."""

    ONE = "one value of the field"
    RANGE = "[lowest, highest]"
    SEVERAL = "a list of 1 to 1000 different values of the field"
    TEXT = "a text of 1 to 512 characters"
    PATTERN = "an RE2 pattern of 1 to 512 characters"
    PRESENCE = "true or false"
    LIST = "the name of a list"


FOLDED: Final = frozenset({Takes.ONE, Takes.SEVERAL, Takes.TEXT})  # on a field of text


@dataclass(frozen=True, slots=True)
class Operator:
    """`compare` compares a field's value with a rule's value, which was parsed by `takes`.

    `example` (field's value, rule's value) is true and `counter_example` is false.
    Only an operator that takes presence is called with a missing value. An operator that takes a
    list gets the field's text with the memberships, and may return None for unknown.
    """

    meaning: str
    kinds: tuple[FieldKind, ...]
    takes: Takes
    compare: Callable[[Any, Any], bool | None]
    example: tuple[Any, Any]
    counter_example: tuple[Any, Any]

    @property
    def can_be_exact(self) -> bool:
        """Return whether a comparison of a text field may have "exact"."""
        return FieldKind.TEXT in self.kinds and self.takes in {*FOLDED, Takes.LIST}


class Sought(NamedTuple):
    """A text to look up on a list."""

    text: str
    lists: Memberships
    exact: bool = False


def _between(value: Value, ends: tuple[Any, Any]) -> bool:
    return bool(ends[0] <= value <= ends[1])


def _one_of(value: Value, values: frozenset[Value]) -> bool:
    return value in values


def _none_of(value: Value, values: frozenset[Value]) -> bool:
    return value not in values


def _found(value: str, find: Callable[[str], bool]) -> bool:
    return find(value)


def _exists(value: Value | None, wanted: bool) -> bool:  # noqa: FBT001 - a rule's value
    return (value is not None) is wanted


def _on_list(sought: Sought, name: str) -> bool | None:
    return sought.lists.holds(name, sought.text, exact=sought.exact)


_MULES: Final = Memberships(
    names=("mule",),
    asked=("a", "b"),
    matches={("mule", "a"): Entry("A", "", "example", datetime(2026, 5, 1, tzinfo=UTC))},
)
_ORDERED: Final = (FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.MONEY)
_WORDS: Final = (FieldKind.TEXT, FieldKind.CHOICE)
_LISTED: Final = _ORDERED + _WORDS
_ALL: Final = (*_LISTED, FieldKind.FLAG)
_ONE, _RANGE, _SEVERAL = Takes.ONE, Takes.RANGE, Takes.SEVERAL
_TEXT, _PATTERN, _PRESENCE = Takes.TEXT, Takes.PATTERN, Takes.PRESENCE
_NAMED: Final = (FieldKind.TEXT,)

OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(
    {
        "eq": Operator("is", _ALL, _ONE, eq, (1, 1), (1, 2)),
        "ne": Operator("is not", _ALL, _ONE, ne, (1, 2), (1, 1)),
        "gt": Operator("more than", _ORDERED, _ONE, gt, (2, 1), (1, 1)),
        "gte": Operator("at least", _ORDERED, _ONE, ge, (1, 1), (0, 1)),
        "lt": Operator("less than", _ORDERED, _ONE, lt, (1, 2), (1, 1)),
        "lte": Operator("at most", _ORDERED, _ONE, le, (1, 1), (2, 1)),
        "between": Operator("in the range", _ORDERED, _RANGE, _between, (2, [1, 2]), (3, [1, 2])),
        "in": Operator("one of", _LISTED, _SEVERAL, _one_of, (1, [1, 2]), (3, [1, 2])),
        "not_in": Operator("none of", _LISTED, _SEVERAL, _none_of, (3, [1, 2]), (1, [1, 2])),
        "contains": Operator("contains", _WORDS, _TEXT, contains, ("ab", "b"), ("ab", "B")),
        "starts_with": Operator("begins", _WORDS, _TEXT, str.startswith, ("a", "a"), ("a", "b")),
        "ends_with": Operator("ends with", _WORDS, _TEXT, str.endswith, ("ab", "b"), ("ab", "a")),
        "regex": Operator("matches", _WORDS, _PATTERN, _found, ("a1b", "[0-9]"), ("ab", "[0-9]")),
        "exists": Operator("has a value", _ALL, _PRESENCE, _exists, (1, True), (None, True)),
        "in_list": Operator(
            "on the named list",
            _NAMED,
            Takes.LIST,
            _on_list,
            (Sought("a", _MULES), "mule"),
            (Sought("b", _MULES), "mule"),
        ),
    }
)
