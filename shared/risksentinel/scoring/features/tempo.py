"""Features of tempo: counts, sums and waits against the accounts' usual pace."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from risksentinel.scoring.features.amounts import Usual
from risksentinel.scoring.features.batch import (
    DAY,
    Batch,
    Columns,
    Flags,
    Floats,
    Party,
    sides,
)
from risksentinel.scoring.features.order import ratio, where_known

_HABIT_DAYS: Final = 30
_WEEK: Final = 7
_WINDOWS: Final = np.array([[300], [3_600], [DAY]])  # 5 minutes, 1 hour, 24 hours
_MINUTE: Final = 60.0  # seconds added to both sides of a ratio of waits, to ignore short ones


@dataclass(frozen=True, slots=True)
class Pace:
    """Payments of accounts for each day of the last 30, without the payment's own day; NaN if none.

    A younger account is measured over the days since its first payment.
    """

    count: Floats
    rand: Floats
    days: Floats

    @classmethod
    def of(cls, party: Party) -> Self:
        """Compute the pace from the stored days."""
        within = party.day_known & (party.days_ago <= _HABIT_DAYS)
        since = np.where(party.day_known, party.days_ago, 0).max(axis=1)
        days = np.minimum(np.maximum(since, 1), _HABIT_DAYS).astype(np.float64)
        count, rand = _sums(party, within)
        some = count > 0
        return cls(where_known(some, count / days), where_known(some, rand / days), days)


def columns(batch: Batch, usual: Usual) -> Columns:
    """Return counts and sums over 5 minutes to 30 days; sums include the payment itself."""
    sender, both, payments = batch.sender, batch.both, len(batch.now)
    pace = Pace.of(both)
    a_day, got_a_day = sides(pace.count)
    rand_a_day, days = sides(pace.rand)[0], np.minimum(sides(pace.days)[0], _WEEK)
    inside = both.known[:, None] & (both.age[:, None] < _WINDOWS)  # account, window, payment
    counts = where_known(both.count > 0, inside.sum(axis=2).T)
    five, hour, day = counts[:, :payments]
    _, got_hour, got_day = counts[:, payments:]
    paid = np.where(inside[:payments], sender.rand[:, None], 0.0).sum(axis=2).T
    sums = batch.rand + paid
    of_median = ratio(sums, sides(usual.median)[0])
    count, rand = _sums(sender, sender.day_known & (sender.days_ago <= _WEEK))
    last, got_last = sides(_since_last(both))
    return {
        "count_5m": five,
        "count_1h": hour,
        "count_24h": day,
        "sum_5m_to_median": of_median[0],
        "sum_1h_to_median": of_median[1],
        "sum_24h_to_median": of_median[2],
        "count_24h_to_habit": (day + 1) / a_day,
        "sum_24h_to_habit": ratio(sums[2], rand_a_day),
        "count_7d_to_habit": count / days / a_day,
        "sum_7d_to_habit": ratio(rand / days, rand_a_day),
        "payments_a_day": a_day,
        "since_last": last,
        "since_last_to_habit": _wait(sender, last),
        "receiver_count_1h": got_hour,
        "receiver_count_24h": got_day,
        "receiver_count_24h_to_habit": (got_day + 1) / got_a_day,
        "receiver_payments_a_day": got_a_day,
        "receiver_since_last": got_last,
        "receiver_fan_in_24h": where_known(
            both.count[payments:] > 0, _different(both.party[payments:], inside[payments:, 2])
        ),
    }


def _sums(party: Party, within: Flags) -> tuple[Floats, Floats]:
    count = np.where(within, party.day_count, 0.0).sum(axis=1)
    return count, np.where(within, party.day_rand, 0.0).sum(axis=1)


def _since_last(party: Party) -> Floats:
    shortest = np.where(party.known, party.age, np.inf).min(axis=1)
    return where_known(party.count > 0, shortest)


def _wait(party: Party, last: Floats) -> Floats:
    """Return time since the last payment / mean time between payments."""
    oldest = np.where(party.known, party.age, 0.0).max(axis=1)
    mean = (oldest - last) / np.maximum(party.count - 1, 1)
    return where_known(~party.few, ratio(last + _MINUTE, mean + _MINUTE))


def _different(party: npt.NDArray[np.uint32], inside: Flags) -> Floats:
    """Count the different accounts among the entries in the window."""
    who = np.sort(np.where(inside, party.astype(np.int64), -1), axis=1)
    changes = (who[:, 1:] != who[:, :-1]) & (who[:, 1:] >= 0)
    return np.asarray(changes.sum(axis=1) + (who[:, 0] >= 0), dtype=np.float64)
