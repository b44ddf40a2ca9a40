"""Protocol: which payments are learnt from, which are judged, and who is left out."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from ml.dataset import UNKNOWN, Dataset, Integers
from risksentinel.domain.party_state import SECONDS_A_DAY
from risksentinel.errors import Malformed

Flags = npt.NDArray[np.bool_]
_EPOCH: Final = date(1970, 1, 1)
_WEEK: Final = 7
_SHORT: Final = 13 * _WEEK  # days: on a shorter file a week is judged
_MONTH: Final = 30
WARM_UP: Final = timedelta(days=14)  # before that nobody's habits are known well enough


@dataclass(frozen=True, slots=True)
class Protocol:
    """`first` and `last` are days since 1970 in UTC; the last is judged too.

    `weekly` is the protocol of the Fraud Detection Handbook: senders known to be defrauded are left
    out, and each day's first 100 senders are counted. Otherwise nobody is left out.
    """

    first: int
    last: int
    weekly: bool
    delay: timedelta

    @classmethod
    def of(
        cls,
        data: Dataset,
        delay: timedelta,
        first: date | None,
        days: int | None,
        *,
        weekly: bool | None,
    ) -> Self:
        """As told; else the last week of a file of less than 13 weeks, or the last 30 days.

        The file ends for it where the labels are complete.

        Raises:
            Malformed: nothing is left to judge, or to learn from, or all of it is of one class.
        """
        last = min(int(data.at[-1]), data.complete_until)
        begin, end = int(data.at[0]) // SECONDS_A_DAY, last // SECONDS_A_DAY
        if weekly is None:
            weekly = end - begin < _SHORT if days is None else days == _WEEK
        length = days or (_WEEK if weekly else _MONTH)
        start = end - length + 1 if first is None else (first - _EPOCH).days
        found = cls(start, start + length - 1, weekly, delay)
        if not found.tested(data).any() or not found.learnt(data, delay).any():
            raise Malformed("no payments are left to judge, or to learn from: see --first, --days")
        _refuse_one_class(data.fraud[found.tested(data)])
        return found

    def tested(self, data: Dataset) -> Flags:
        """The payments of the test period whose senders are not left out."""
        days = data.at // SECONDS_A_DAY
        inside = (days >= self.first) & (days <= self.last) & (data.fraud != UNKNOWN)
        if self.weekly:
            inside &= ~self._known_before(data, days)
        return np.asarray(inside, dtype=bool)

    def learnt(self, data: Dataset, delay: timedelta) -> Flags:
        """The payments whose labels were known as the test period began, after the warm-up."""
        begin = self.first * SECONDS_A_DAY
        known = data.with_delay(delay).known_by(begin - 1)
        old_enough = data.at + int(delay.total_seconds()) < begin
        warm = data.at >= data.at[0] + int(WARM_UP.total_seconds())
        return np.asarray(known & old_enough & warm, dtype=bool)

    def seen(self, data: Dataset) -> Flags:
        """The payments before the test period, labelled or not, after the warm-up."""
        begin = self.first * SECONDS_A_DAY
        warm = data.at >= data.at[0] + int(WARM_UP.total_seconds())
        return np.asarray((data.at < begin) & warm, dtype=bool)

    def _known_before(self, data: Dataset, days: Integers) -> Flags:
        """The payments of senders with a fraud in the last training week, or known since."""
        late = int(self.delay.total_seconds()) // SECONDS_A_DAY
        week = self.first - late - _WEEK
        known_on = np.maximum(data.known_at // SECONDS_A_DAY, days + late)
        senders = np.array([payment.sender_id for payment in data.payments])
        left_out = np.zeros(len(data), dtype=bool)
        for day in range(self.first, self.last + 1):
            known = (data.fraud == 1) & (days >= week) & (known_on < day)
            today = days == day
            left_out[today] = np.isin(senders[today], np.unique(senders[known]))
        return left_out


def _refuse_one_class(fraud: npt.NDArray[np.int8]) -> None:
    frauds = int((fraud == 1).sum())
    if frauds in {0, len(fraud)}:
        raise Malformed(
            f"{frauds} of the {len(fraud)} payments to judge are fraud: one class alone measures "
            "nothing; judge another period (--first, --days)"
        )
