"""Types of settings that pydantic has no name for: a limit that `none` turns off, and ceilings."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, PlainValidator, ValidationError, WrapValidator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

from risksentinel.domain.transaction import Channel, Rail

OFF: Final = "none"
_CARRIERS: Final = tuple(member.value for member in (*Channel, *Rail))
_MIN_RAND: Final = Decimal("0.01")
_MESSAGES: Final = {
    "bool_parsing": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "decimal_parsing": "must be a number",
    "float_parsing": "must be a number",
}


def violation(error: ErrorDetails) -> str:
    """What the value must be, without the value: a setting may contain a password."""
    message = error["msg"].removeprefix("Value error, ").replace("Input should", "must", 1)
    return _MESSAGES.get(error["type"], message)


def _unless_off(value: object, validate: ValidatorFunctionWrapHandler) -> object:
    if isinstance(value, str) and value.lower() == OFF:
        return None
    try:
        return validate(value)
    except ValidationError as error:
        message = f"{violation(error.errors()[0])}, or {OFF} to turn it off"
        raise PydanticCustomError("unless_off", "{message}", {"message": message}) from None


def _ceilings(value: object) -> object:
    """Read rand by channel or rail, like atm=40000,payshap=50000."""
    if not isinstance(value, str):
        return value
    found: dict[str, Decimal] = {}
    for part in value.split(","):
        name, _, rand = (word.strip() for word in part.partition("="))
        if name not in _CARRIERS:
            raise ValueError(f"must name channels or rails among {', '.join(_CARRIERS)}")
        if name in found:
            raise ValueError("must name each channel or rail once")
        found[name] = _rand(rand)
    return MappingProxyType(found)


def _rand(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("must be a number") from None
    if not (amount.is_finite() and _MIN_RAND <= amount < Decimal(10) ** 16):
        raise ValueError(f"must be between {_MIN_RAND} and 9999999999999999 rand")
    return amount


Score = Annotated[Decimal, Field(ge=Decimal("0.0001"), le=1)]
Risk = Annotated[Annotated[float, Field(ge=0.01, le=1)] | None, WrapValidator(_unless_off)]
LimitMultiple = Annotated[
    Annotated[float, Field(ge=0.1, le=100)] | None, WrapValidator(_unless_off)
]
HabitMultiple = Annotated[
    Annotated[float, Field(ge=1, le=1_000_000)] | None, WrapValidator(_unless_off)
]
RequestRate = Annotated[
    Annotated[int, Field(ge=1, le=1_000_000)] | None, WrapValidator(_unless_off)
]
Ceilings = Annotated[
    Annotated[Mapping[str, Decimal], PlainValidator(_ceilings)] | None, WrapValidator(_unless_off)
]
