"""The pydantic validator of fields that hold RFC 3339 times."""

from datetime import datetime

from pydantic_core import PydanticCustomError

from risksentinel.errors import Malformed
from risksentinel.text import rfc3339


def parse_time(value: object) -> datetime:
    """Parse RFC 3339 text; return a datetime unchanged.

    Raises:
        PydanticCustomError: the value is neither, or the text is not RFC 3339.
    """
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("time", "must be text, like 2026-05-01T08:30:00Z")
    try:
        return rfc3339.parse(value)
    except Malformed as malformed:
        raise PydanticCustomError("time", str(malformed)) from None
