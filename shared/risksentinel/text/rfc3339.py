"""Times as RFC 3339 text: the only parser and the only serializer of such times."""

import re
from datetime import UTC, datetime
from typing import Final

from risksentinel.errors import Malformed

_DAY: Final = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_CLOCK: Final = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_ZONE: Final = r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_RFC3339: Final = re.compile(rf"{_DAY}[Tt]{_CLOCK}(?:\.\d+)?{_ZONE}", re.ASCII)
_EXAMPLE: Final = "like 2026-05-01T08:30:00Z"
_NOT_RFC3339: Final = f"must be a day, T, a time with seconds, and a zone, {_EXAMPLE}"
# The message for a text that is not RFC 3339 is that of the first pattern that matches it.
_MESSAGES: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), f"must have a time of day and a zone, {_EXAMPLE}"),
    (
        re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII),
        "must have a zone: end with Z for UTC, or with an offset like +02:00",
    ),
    (
        re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(\d\d)?", re.ASCII),
        "must write its zone as Z or with hours, a colon and minutes, like +02:00",
    ),
    (
        re.compile(rf"{_DAY}[Tt]24:\d\d:\d\d.*", re.ASCII),
        "must have an hour from 00 to 23: write midnight as 00:00 of the next day",
    ),
    (
        re.compile(rf"{_DAY}[Tt]\d\d:\d\d:60.*", re.ASCII),
        "must have a second from 00 to 59: write a leap second as 59",
    ),
    (
        re.compile(rf"{_DAY}[Tt](?!{_CLOCK})\d\d:\d\d:\d\d.*", re.ASCII),
        "must have an hour from 00 to 23, and minutes and seconds from 00 to 59",
    ),
    (
        re.compile(rf"(?!{_DAY})\d{{4}}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d.*", re.ASCII),
        "must name a day that the calendar has",
    ),
    (
        re.compile(rf"{_DAY}[Tt]{_CLOCK}(\.\d+)?[+-]\d\d:\d\d", re.ASCII),
        "must have an offset between -23:59 and +23:59",
    ),
)


def to_text(at: datetime) -> str:
    """Return the time as RFC 3339 text with its own offset; UTC is written as Z."""
    return at.isoformat().replace("+00:00", "Z")


def parse(text: str) -> datetime:
    """Return the time that the RFC 3339 text states, in UTC, truncated to microseconds.

    T, t, Z and z are accepted, and any number of fraction digits: .NET writes seven, Go and Java
    write nine.

    Raises:
        Malformed: the text is not RFC 3339, or is outside the years 1 to 9999 in UTC. The message
            says what to change and does not repeat the text.
    """
    if _RFC3339.fullmatch(text) is None:
        matching = (message for form, message in _MESSAGES if form.fullmatch(text))
        raise Malformed(next(matching, _NOT_RFC3339))
    try:
        # Python 3.11 and later ignore the digits after the sixth digit of a fraction.
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except ValueError:
        raise Malformed("must name a day that the calendar has") from None
    except OverflowError:
        raise Malformed("must lie within the years 0001 to 9999 in UTC") from None
