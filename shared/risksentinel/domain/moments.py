"""Moments: times as text, by RFC 3339."""

import re
from datetime import UTC, datetime
from typing import Final

from risksentinel.errors import Malformed

_DAY: Final = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_CLOCK: Final = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_ZONE: Final = r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_RFC3339: Final = re.compile(rf"{_DAY}[Tt]{_CLOCK}(?:\.\d+)?{_ZONE}", re.ASCII)
_EXAMPLE: Final = "like 2026-05-01T08:30:00Z"
_NO_TIME: Final = f"must be a day, T, a time with seconds, and a zone, {_EXAMPLE}"
# The first of these that matches says what is wrong; the rest of the text may be anything.
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


def rfc3339(at: datetime) -> str:
    """The time as RFC 3339 writes it, with Z for UTC."""
    return at.isoformat().replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    """The moment that the text states by RFC 3339, in UTC, cut to microseconds.

    Any number of fraction digits is accepted: .NET writes seven, Go and Java nine.

    Raises:
        Malformed: the text is no such time; the message says what to change, and quotes nothing.
    """
    if _RFC3339.fullmatch(text) is None:
        raise Malformed(
            next((words for form, words in _MESSAGES if form.fullmatch(text)), _NO_TIME)
        )
    try:
        # Python 3.11 and later cut what follows the sixth digit of a fraction.
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except ValueError:
        raise Malformed("must name a day that the calendar has") from None
    except OverflowError:
        raise Malformed("must lie within the years 0001 to 9999 in UTC") from None
