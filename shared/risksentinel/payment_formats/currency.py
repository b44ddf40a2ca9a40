"""Currency: amounts are in rand; a payment in another currency is refused, not converted."""

from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

RAND: Final = "ZAR"
RAND_ONLY: Final = (
    f"must be {RAND}: amounts are rand only. Convert the amount to rand before you send it"
)


def _rand(value: object) -> str:
    if value != RAND:
        raise PydanticCustomError("currency", RAND_ONLY)
    return RAND


Currency = Annotated[
    str, BeforeValidator(_rand), WithJsonSchema({"type": "string", "enum": [RAND]})
]
