"""Protocol: which payments a model learns from, which are tested, and which are left out."""

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
_SHORT: Final = 13 * _WEEK  # days: a shorter file is tested on a week
_MONTH: Final = 30
WARM_UP: Final = timedelta(days=14)  # before that the habits of the accounts are incomplete


@dataclass(frozen=True, slots=True)
class Protocol:
    """The test period: from day `first` to day `last`, both included, in days since 1970 in UTC.

    `weekly` is the protocol of the Fraud Detection Handbook: senders known to be defrauded are left
    out, and each day's first 100 senders are counted. Otherwise no sender is left out.
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
        """The given period; by default the last week of a file of less than 13 weeks, else 30 days.

        The default period ends where the labels stop being complete.

        Raises:
            Malformed: no payment is left to test or to learn from, or all are of one class.
        """
        last = min(int(data.at[-1]), data.complete_until)
        begin, end = int(data.at[0]) // SECONDS_A_DAY, last // SECONDS_A_DAY
        if weekly is None:
            weekly = end - begin < _SHORT if days is None else days == _WEEK
        length = days or (_WEEK if weekly else _MONTH)
        start = end - length + 1 if first is None else (first - _EPOCH).days
        found = cls(start, start + length - 1, weekly, delay)
        if not found.tested(data).any() or not found.learnt(data, delay).any():
            raise Malformed("no payments are left to test, or to learn from: see --first, --days")
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
        """The payments after the warm-up whose labels were known before the test period."""
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
            f"{frauds} of the {len(fraud)} tested payments are fraud: a measurement needs both "
            "classes; test another period (--first, --days)"
        )
