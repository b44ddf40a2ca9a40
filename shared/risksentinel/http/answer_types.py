"""AnswerTypes: what JSON makes of our values, as the API's document says it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import WithJsonSchema

Score = Annotated[Decimal, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
Rand = Annotated[
    Decimal,
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$", "description": "Rand"}),
]
Moment = Annotated[
    datetime,
    WithJsonSchema({"type": "string", "format": "date-time", "description": "UTC"}),
]
