"""ResponseModel: a JSON response, read from the attributes of the engine's values."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

from risksentinel.domain.money import Money


def _rand(value: object) -> object:
    """An amount as text with two decimals."""
    if isinstance(value, Money):
        return str(value)
    return f"{value:.2f}" if isinstance(value, Decimal) else value


Score = Annotated[Decimal, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
Rand = Annotated[
    str,
    BeforeValidator(_rand),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$", "description": "Rand"}),
]
Moment = Annotated[
    datetime,
    WithJsonSchema({"type": "string", "format": "date-time", "description": "UTC"}),
]
Day = Annotated[
    date,
    PlainSerializer(date.isoformat),
    WithJsonSchema({"type": "string", "format": "date"}),
]


class ResponseModel(BaseModel):
    """The base of the response models.

    A field reads the attribute of its name, or the path of its `validation_alias`.
    """

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def serialize(cls, source: object) -> dict[str, Any]:
        """The JSON members of the response for this value.

        Raises:
            ValidationError: the value lacks an attribute, or has one of another type; a bug.
        """
        return cls.model_validate(source).model_dump()
