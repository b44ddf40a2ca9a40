"""day_of, day_start: calendar days of South Africa, counted since 1970-01-01."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

# The offset is constant: South Africa has had no daylight saving time since 1944.
_OFFSET: Final = timedelta(hours=2)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC) - _OFFSET
_FIRST: Final = date(1970, 1, 1)
_DAY: Final = timedelta(days=1)


def day_of(moment: datetime) -> int:
    """The day of the moment."""
    return (moment - _EPOCH) // _DAY


def day_start(day: int) -> datetime:
    """The first moment of the day, in UTC."""
    return _EPOCH + day * _DAY


def date_of(day: int) -> date:
    """The date of the day."""
    return _FIRST + day * _DAY
