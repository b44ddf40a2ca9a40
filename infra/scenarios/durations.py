"""Duration: a span of time in a scenario file, such as "45s", "2h 30m", "1mo" or "-4m"."""

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

MONTHS_A_YEAR: Final = 12
_SECONDS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART: Final = re.compile(r"(\d{1,6})(mo|[wdhms])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar months and seconds; both are zero or negative if the text starts with a minus."""

    months: int = 0
    seconds: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse text such as "2h 30m"; units are mo, w, d, h, m, s.

        Raises:
            ValueError: a part has no number or an unknown unit.
        """
        months, seconds = 0, 0
        sign = -1 if text.startswith("-") else 1
        for part in text.removeprefix("-").split(" "):
            read = _PART.fullmatch(part)
            if read is None:
                raise ValueError('must be a duration of mo, w, d, h, m or s, like "2h 30m"')
            count, unit = int(read[1]), read[2]
            months += count if unit == "mo" else 0
            seconds += count * _SECONDS.get(unit, 0)
        return cls(sign * months, sign * seconds)

    def after(self, moment: datetime) -> datetime:
        """Return the moment plus the duration; the 31st becomes the last day of a shorter month."""
        total = moment.year * MONTHS_A_YEAR + moment.month - 1 + self.months
        year, month = divmod(total, MONTHS_A_YEAR)
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        moved = moment.replace(year=year, month=month + 1, day=day)
        return moved + timedelta(seconds=self.seconds)

    def before(self, moment: datetime) -> datetime:
        """Return the moment minus the duration."""
        return Duration(-self.months, -self.seconds).after(moment)
