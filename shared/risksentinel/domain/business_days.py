"""Business days of South Africa: no Saturday, no Sunday, no public holiday."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from risksentinel.domain.public_holidays import PUBLIC_HOLIDAYS

_SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)


def is_business_day(day: date) -> bool:
    """Return whether banks and courts work on the day.

    A holiday that is not in the table (a year outside it, or declared later) counts as a business
    day, so that a deadline may be too early but never too late.
    """
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


def business_days_after(day: date, count: int) -> date:
    """Return the last of `count` business days after the day; the day itself does not count."""
    while count:
        day += _DAY
        count -= is_business_day(day)
    return day


@lru_cache(maxsize=16)
def _holidays(year: int) -> frozenset[date]:
    days = PUBLIC_HOLIDAYS.get(year, "").split()
    return frozenset(date(year, int(day[:2]), int(day[2:])) for day in days)
