"""Contradictions: comparisons that no payment can meet together, so that a rule can never fire.

Each reported contradiction is certain, but not all are found. A text in a comparison that is not
exact stands for every spelling of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from risksentinel.domain.named_list import fold
from risksentinel.domain.transaction import IDENTIFIER
from risksentinel.rules.field_values import (
    ALWAYS_THERE,
    bounds_of,
    group_of,
    is_of_a_moment,
    ordered_values,
    payments_at,
)
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.kinds import FieldKind
from risksentinel.rules.normal_form import Either, Literal, Node
from risksentinel.rules.operators import OPERATORS

MAX_TRIALS: Final = 100_000  # tests of a value against a comparison, about 0.1 s
_IDENTIFIER: Final = re.compile(IDENTIFIER[:-1] + r"\Z")
_SHAPES: Final = {
    "receiver_country": re.compile(r"[a-z]{2}\Z"),
    **dict.fromkeys(("sender_id", "receiver_id", "device_id"), _IDENTIFIER),
}
_NAMES_TEXTS: Final = {("eq", True), ("in", True), ("ne", False), ("not_in", False)}
_RULES_OUT: Final = {("ne", True), ("not_in", True), ("eq", False), ("in", False)}
_PARTS_OF: Final = {
    "contains": str.__contains__,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The reason why the condition at `path` is never true, and what to change."""

    path: str
    words: str
    change: str = "change one of them"


@dataclass(slots=True)
class Search:
    """A search of one condition; `dead` collects the parts of an `any` that are never true."""

    dead: list[Contradiction] = field(default_factory=list)
    trials: int = 0

    def contradiction(self, node: Node, known: Sequence[Literal] = ()) -> Contradiction | None:
        """Return why the node contradicts the literals that must hold; None if it may not."""
        if isinstance(node, Literal):
            return self._clash(node, known)
        if isinstance(node, Either):
            return self._of_either(node, known)
        comparisons = [part for part in node.parts if isinstance(part, Literal)]
        together = list(known)
        for literal in comparisons:
            if clash := self._clash(literal, together):
                return clash
            together.append(literal)
        for part in node.parts:
            if part not in comparisons and (clash := self.contradiction(part, together)):
                return clash
        return None

    def _of_either(self, node: Either, known: Sequence[Literal]) -> Contradiction | None:
        found = [self.contradiction(part, known) for part in node.parts]
        clashes = [clash for clash in found if clash is not None]
        if len(clashes) == len(node.parts):
            return clashes[0]
        self.dead += clashes
        return None

    def _clash(self, literal: Literal, known: Sequence[Literal]) -> Contradiction | None:
        group = group_of(literal.field)
        same = [other for other in known if group_of(other.field) == group]
        if opposite := next((other for other in same if _is_opposite(other, literal)), None):
            return Contradiction(literal.path, f"contradicts {opposite.path}")
        if self._possible([*same, literal], group):
            return None
        if not self._possible([literal], group):
            return Contradiction(literal.path, _alone(literal), "change its value")
        partner = next((one for one in same if not self._possible([one, literal], group)), None)
        others = [partner] if partner else same
        named = " and ".join(dict.fromkeys(other.path for other in others))
        return Contradiction(literal.path, f"contradicts {named}")

    def _possible(self, together: Sequence[Literal], group: str) -> bool:
        """Return whether a value of the field meets all literals, or there are too many to test."""
        if self.trials <= MAX_TRIALS:
            self.trials += sum(len(one.values) for one in together)
        if self.trials > MAX_TRIALS:
            return True
        for value in _values(together, group):
            self.trials += len(together)
            if self.trials > MAX_TRIALS or all(_meets(one, value) for one in together):
                return True
        return False


def _values(together: Sequence[Literal], group: str) -> Iterator[Any]:
    """Return values that represent all values of the field; None for a missing one."""
    if is_of_a_moment(group):
        yield from payments_at(group)
        return
    if group not in ALWAYS_THERE:
        yield None
    kind = FIELDS[group].kind
    if kind is FieldKind.FLAG:
        yield from (True, False)
    elif kind is FieldKind.CHOICE:
        yield from FIELDS[group].choices
    elif kind is FieldKind.TEXT:
        yield from _texts(together)
    else:
        yield from ordered_values(group, _points(together))


def _points(together: Sequence[Literal]) -> Iterator[Any]:
    for literal in together:
        if literal.operator != "exists":
            several = isinstance(literal.operand, tuple | frozenset)
            yield from literal.operand if several else (literal.operand,)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that a payment may have; None for any text that is in no comparison."""

    spelled: str | None
    exact: bool = False


def _texts(together: Sequence[Literal]) -> Iterator[_Text]:
    naming = [one for one in together if (one.operator, one.wanted) in _NAMES_TEXTS]
    if not naming:
        yield _Text(None)
    for one in naming[:1]:
        shape = _SHAPES.get(one.field)
        for text in one.values:
            looked_at = text if one.exact and shape is _IDENTIFIER else fold(text)
            if shape is None or shape.match(looked_at):
                yield _Text(text, one.exact)


def _meets(literal: Literal, value: Any) -> bool:  # noqa: ANN401 - a value of any kind of field
    """Return whether the value may meet the comparison."""
    operator = OPERATORS[literal.operator]
    if is_of_a_moment(group_of(literal.field)):
        value = FIELDS[literal.field].read(value)
    if literal.operator == "exists":
        return ((value is not None) is literal.value) is literal.wanted
    if value is None:
        return False
    if isinstance(value, _Text):
        return _text_meets(literal, value)
    return operator.compare(value, literal.operand) is literal.wanted


def _text_meets(literal: Literal, text: _Text) -> bool:
    if text.spelled is None:
        return True
    asked, both_exact = (literal.operator, literal.wanted), literal.exact and text.exact
    among = text.spelled in literal.values if both_exact else fold(text.spelled) in literal.folded
    if asked in _NAMES_TEXTS:
        return among
    if asked in _RULES_OUT:
        # Another spelling of the text may differ from a value that is compared exactly.
        return not among or (literal.exact and not text.exact)
    if literal.wanted and literal.operator in _PARTS_OF:
        return _PARTS_OF[literal.operator](fold(text.spelled), fold(literal.value))
    return True


def _is_opposite(one: Literal, other: Literal) -> bool:
    """Return whether one is the negation of the other."""
    alike = (one.field, one.operator, one.exact) == (other.field, other.operator, other.exact)
    return alike and one.wanted is not other.wanted and one.value == other.value


def _alone(literal: Literal) -> str:
    """Return why one comparison alone is never true."""
    name = literal.field
    if literal.operator == "exists":
        return f"{name} is never missing"
    kind = FIELDS[name].kind
    if kind is FieldKind.TEXT:
        return f"no payment has such a {name}"
    if kind in {FieldKind.CHOICE, FieldKind.FLAG}:
        return f"no value of {name} meets it"
    least, greatest = bounds_of(name)
    ends = [f"at least {least}" for _ in [0] if least is not None]
    ends += [f"at most {greatest}" for _ in [0] if greatest is not None]
    return f"{name} is {' and '.join(ends)}"
