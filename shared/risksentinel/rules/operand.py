"""Operand: the value of a rule, parsed for its operator."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from risksentinel.domain.named_list import LIST_NAME_IN_WORDS, check_list_name, fold
from risksentinel.errors import Malformed, Violation
from risksentinel.rules.fields import Field
from risksentinel.rules.kinds import Value, flag, text
from risksentinel.rules.operators import Takes
from risksentinel.rules.pattern import MAX_PATTERN, finder
from risksentinel.rules.violations import read_each

MAX_VALUES: Final = 1000
_ENDS: Final = 2


def read_operand(takes: Takes, field: Field, raw: object) -> object:
    """Parse a rule's value; paths of violations start inside it, like `[1]`. Raises Malformed."""
    return _READERS[takes](field, raw)


def folded_operand(operand: object) -> object:
    """Return one or several texts in their folded form.

    Raises:
        Malformed: a text has only blanks: its folded form is contained in every text.
    """
    if isinstance(operand, frozenset):
        return frozenset(map(_folded, operand))
    return _folded(operand)


def _folded(operand: object) -> str:
    folded = fold(str(operand))
    if not folded:
        raise Malformed('must not be blank; to compare blanks add "exact": true')
    return folded


def _range(field: Field, raw: object) -> tuple[Any, Any]:
    if not isinstance(raw, list | tuple) or len(raw) != _ENDS:
        raise Malformed("must be a list of two values, the lowest and the highest")
    ends: list[Any] = [*read_each(field.accept, raw)]  # the kind of the field has an order
    low, high = ends
    if low > high:
        raise Malformed([Violation("[1]", "must not be less than [0]")])
    return low, high


def _several(field: Field, raw: object) -> frozenset[Value]:
    if not isinstance(raw, list | tuple) or not 1 <= len(raw) <= MAX_VALUES:
        raise Malformed(f"must be a list of 1 to {MAX_VALUES} values")
    values = read_each(field.accept, raw)
    first: dict[Value, int] = {}
    violations = [
        Violation(f"[{index}]", f"must not repeat [{first[value]}]")
        for index, value in enumerate(values)
        if first.setdefault(value, index) != index
    ]
    if violations:
        raise Malformed(violations)
    return frozenset(values)


def _list_name(raw: object) -> str:
    try:
        return check_list_name(text(raw))
    except Malformed:
        raise Malformed(f"must be the name of a list: {LIST_NAME_IN_WORDS}") from None


_READERS: Final[Mapping[Takes, Callable[[Field, object], object]]] = MappingProxyType(
    {
        Takes.ONE: Field.accept,
        Takes.RANGE: _range,
        Takes.SEVERAL: _several,
        Takes.TEXT: lambda _, raw: text(raw),
        Takes.PATTERN: lambda _, raw: finder(text(raw, longest=MAX_PATTERN)),
        Takes.PRESENCE: lambda _, raw: flag(raw),
        Takes.LIST: lambda _, raw: _list_name(raw),
    }
)
