"""dumps: JSON as the database stores it."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final


class StoredJson(str):
    """JSON that `dumps` writes as it is."""

    __slots__ = ()


def dumps(value: object) -> str:
    """Write compact JSON; a Decimal is written as the string of its digits."""
    if isinstance(value, StoredJson):
        return str(value)
    return _ENCODER.encode(value)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_ENCODER: Final = json.JSONEncoder(
    default=_plain, separators=(",", ":"), allow_nan=False, check_circular=False
)
