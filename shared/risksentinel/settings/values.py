"""Types of settings that pydantic has no name for: a limit that `none` turns off, and ceilings."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, PlainValidator, ValidationError, WrapValidator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

from risksentinel.domain.transaction import Channel, Rail
from risksentinel.scoring import policy_settings as bounds
from risksentinel.text.validation import violations_of

OFF: Final = "none"
_CARRIERS: Final = tuple(member.value for member in (*Channel, *Rail))
_MIN_RAND: Final = Decimal("0.01")


def wrong_setting(message: str) -> PydanticCustomError:
    """The error with a message that repeats no value: a setting may contain a password."""
    return PydanticCustomError("setting", "{message}", {"message": message})


def unless_off(value: object, validate: ValidatorFunctionWrapHandler) -> object:
    """Read `none` as None, and validate any other value."""
    if isinstance(value, str) and value.lower() == OFF:
        return None
    try:
        return validate(value)
    except ValidationError as error:
        raise wrong_setting(f"{violations_of(error)[0].message}, or {OFF} to turn it off") from None


def _ceilings(value: object) -> object:
    """Read rand by channel or rail, like atm=40000,payshap=50000."""
    if not isinstance(value, str):
        return value
    found: dict[str, Decimal] = {}
    for part in value.split(","):
        name, _, rand = (word.strip() for word in part.partition("="))
        if name not in _CARRIERS:
            raise wrong_setting(f"must name channels or rails among {', '.join(_CARRIERS)}")
        if name in found:
            raise wrong_setting("must name each channel or rail once")
        found[name] = _rand(rand)
    return MappingProxyType(found)


def _rand(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise wrong_setting("must be a number") from None
    if not (amount.is_finite() and _MIN_RAND <= amount < Decimal(10) ** 16):
        raise wrong_setting(f"must be between {_MIN_RAND} and 9999999999999999 rand")
    return amount


Risk = Annotated[bounds.Risk | None, WrapValidator(unless_off)]
LimitMultiple = Annotated[bounds.LimitMultiple | None, WrapValidator(unless_off)]
HabitMultiple = Annotated[bounds.HabitMultiple | None, WrapValidator(unless_off)]
Lateness = Annotated[bounds.Lateness | None, WrapValidator(unless_off)]
RequestRate = Annotated[Annotated[int, Field(ge=1, le=1_000_000)] | None, WrapValidator(unless_off)]
Ceilings = Annotated[
    Annotated[Mapping[str, Decimal], PlainValidator(_ceilings)] | None, WrapValidator(unless_off)
]
