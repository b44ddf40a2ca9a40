"""Parsers of settings; each one raises ValueError with a message that says the allowed values."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from risksentinel.domain.transaction import Channel, Rail

Parse = Callable[[str], Any]
OFF: Final = "none"
_MAX_DIGITS: Final = 10
_CARRIERS: Final = tuple(member.value for member in (*Channel, *Rail))


def text(written: str) -> str:
    """Return the text unchanged."""
    return written


def flag(text: str) -> bool:
    """Parse true or false."""
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if text.lower() not in known:
        raise ValueError("must be true or false")
    return known[text.lower()]


def decimal(least: str, most: str) -> Parse:
    """Return a parser of exact numbers within the two limits."""

    def parse(text: str) -> Decimal:
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise ValueError("must be a number") from None
        if not (value.is_finite() and Decimal(least) <= value <= Decimal(most)):
            raise ValueError(f"must lie between {least} and {most}")
        return value

    return parse


def number(least: str, most: str) -> Parse:
    """Return a parser of numbers within the two limits."""
    return lambda text: float(decimal(least, most)(text))


def whole(least: int, most: int) -> Parse:
    """Return a parser of whole numbers within the two limits."""

    def parse(text: str) -> int:
        digits = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
        if not (digits and least <= int(text) <= most):
            raise ValueError(f"must be a whole number between {least} and {most}")
        return int(text)

    return parse


def one_of(*names: str) -> Parse:
    """Return a parser of the members' values, case-insensitive."""

    def parse(text: str) -> str:
        if text.lower() not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return text.lower()

    return parse


def unless_off(parse: Parse) -> Parse:
    """Return a parser that reads `none` as None: the escalation is off."""

    def read(text: str) -> Any:  # noqa: ANN401 - whatever the parser reads
        if text.lower() == OFF:
            return None
        try:
            return parse(text)
        except ValueError as error:
            raise ValueError(f"{error}, or {OFF} to turn it off") from None

    return read


def ceilings(text: str) -> Mapping[str, Decimal]:
    """Parse amounts in rand by channel or rail, like atm=40000,payshap=50000."""
    amount = decimal("0.01", "9999999999999999")
    found: dict[str, Decimal] = {}
    for part in text.split(","):
        name, _, rand = (word.strip() for word in part.partition("="))
        if name not in _CARRIERS:
            raise ValueError(f"must name channels or rails among {', '.join(_CARRIERS)}")
        if name in found:
            raise ValueError("must name each channel or rail once")
        found[name] = amount(rand)
    return MappingProxyType(found)
