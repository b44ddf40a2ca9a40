"""FieldKind: the kind of value of a field, and the parser of a rule's value of that kind."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from types import MappingProxyType
from typing import Any, Final

from risksentinel.domain.money import Money
from risksentinel.errors import Malformed
from risksentinel.text.characters import FORBIDDEN_CHARACTERS, FORBIDDEN_MESSAGE

MAX_TEXT: Final = 512
_LARGEST_NUMBER: Final = 10**15  # whole numbers up to this are exact as floats
_LARGEST_RAND: Final = 10**16

Value = Decimal | float | int | str | bool


class FieldKind(StrEnum):
    """The kind of value that a field has."""

    MONEY = "money"
    NUMBER = "number"
    INTEGER = "integer"
    TEXT = "text"
    CHOICE = "choice"
    FLAG = "flag"


def text(raw: object, shortest: int = 1, longest: int = MAX_TEXT) -> str:
    """Parse a text without control characters. Raises Malformed."""
    if not isinstance(raw, str):
        raise Malformed("must be a text")
    if not shortest <= len(raw) <= longest:
        raise Malformed(f"must have {shortest} to {longest} characters")
    if FORBIDDEN_CHARACTERS.search(raw):
        raise Malformed(FORBIDDEN_MESSAGE)
    return str(raw)


def flag(raw: object) -> bool:
    """Parse true or false. Raises Malformed."""
    if not isinstance(raw, bool):
        raise Malformed("must be true or false")
    return raw


def number(raw: object) -> int | float:
    """Parse a finite number. Raises Malformed."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise Malformed("must be a number")
    if not (_is_finite(raw) and -_LARGEST_NUMBER <= raw <= _LARGEST_NUMBER):
        raise Malformed(f"must be a number between -{_LARGEST_NUMBER} and {_LARGEST_NUMBER}")
    return int(raw) if raw == int(raw) else float(raw)


def _is_finite(raw: float | Decimal) -> bool:
    if isinstance(raw, Decimal):
        return raw.is_finite()
    return isinstance(raw, int) or isfinite(raw)


def _integer(raw: object) -> int:
    whole = number(raw)
    if whole != raw or not isinstance(whole, int):
        raise Malformed("must be a whole number")
    return whole


def _money(raw: object) -> Decimal:
    if isinstance(raw, str):
        return Money.parse(raw).amount
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise Malformed('must be an exact amount of rand, like 75000 or "75000.00"')
    if isinstance(raw, int) and not 0 <= raw < _LARGEST_RAND:
        raise Malformed(f"must be between 0 and {_LARGEST_RAND - 1}")
    return Money(Decimal(raw)).amount


READERS: Final[Mapping[FieldKind, Callable[[object], Value]]] = MappingProxyType(
    {
        FieldKind.MONEY: _money,
        FieldKind.NUMBER: number,
        FieldKind.INTEGER: _integer,
        FieldKind.TEXT: text,
        FieldKind.CHOICE: text,
        FieldKind.FLAG: flag,
    }
)


def plain(kind: FieldKind, raw: Any) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return a parsed value as JSON that parses to the same value; money is never a float."""
    if isinstance(raw, list | tuple):
        return [plain(kind, item) for item in raw]
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        return str(raw)
    if raw == int(raw):
        return int(raw)
    return str(Money(raw)) if kind is FieldKind.MONEY else float(raw)
