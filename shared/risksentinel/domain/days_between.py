"""days_between: the length of a period of payments, for rates a day."""

from datetime import datetime, timedelta
from typing import Final

_DAY: Final = timedelta(days=1)
_LEAST: Final = timedelta(hours=1)


def days_between(first: datetime | None, last: datetime | None) -> float:
    """The days between two payments; at least one hour, also where there is no payment."""
    if first is None or last is None:
        return _LEAST / _DAY
    return max(last - first, _LEAST) / _DAY
