"""Tempo: how many payments, how much in all and how soon, against the accounts' own pace."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from risksentinel.scoring.features.amounts import Usual
from risksentinel.scoring.features.batch import DAY, Batch, Columns, Flags, Floats, Party
from risksentinel.scoring.features.order import ratio, where_known

_HABIT_DAYS: Final = 30
_WEEK: Final = 7
_WINDOWS: Final = {"5m": 300, "1h": 3_600, "24h": DAY}
_MINUTE: Final = 60.0  # added to both sides of a ratio of waits: seconds are no habit


@dataclass(frozen=True, slots=True)
class Pace:
    """What one side does a day over the last 30 days, the payment's own left out; NaN if nothing.

    An account that was heard of later is measured over the days since.
    """

    count: Floats
    rand: Floats
    days: Floats

    @classmethod
    def of(cls, party: Party) -> Self:
        """Read the days that are kept."""
        within = party.day_known & (party.days_ago <= _HABIT_DAYS)
        since = np.where(party.day_known, party.days_ago, 0).max(axis=1)
        days = np.clip(since, 1, _HABIT_DAYS).astype(np.float64)
        count, rand = _sums(party, within)
        some = count > 0
        return cls(where_known(some, count / days), where_known(some, rand / days), days)


def columns(batch: Batch, paid: Usual) -> Columns:
    """Counts and sums over 5 minutes to 30 days; the sums include the payment itself."""
    sender = batch.sender
    heard, pace = sender.count > 0, Pace.of(sender)
    counts, sums = {}, {}
    for name, seconds in _WINDOWS.items():
        inside = sender.known & (sender.age < seconds)
        counts[name] = where_known(heard, inside.sum(axis=1))
        sums[name] = batch.rand + np.where(inside, sender.rand, 0.0).sum(axis=1)
    week = sender.day_known & (sender.days_ago <= _WEEK)
    count, rand = _sums(sender, week)
    days = np.minimum(pace.days, _WEEK)
    return {
        **{f"count_{name}": counts[name] for name in _WINDOWS},
        **{f"sum_{name}_to_median": ratio(sums[name], paid.median) for name in _WINDOWS},
        "count_24h_to_habit": (counts["24h"] + 1) / pace.count,
        "sum_24h_to_habit": ratio(sums["24h"], pace.rand),
        "count_7d_to_habit": count / days / pace.count,
        "sum_7d_to_habit": ratio(rand / days, pace.rand),
        "payments_a_day": pace.count,
        "since_last": _since_last(sender),
        "since_last_to_habit": _wait(sender),
        **_of_receiver(batch.receiver),
    }


def _of_receiver(receiver: Party) -> Columns:
    heard, pace = receiver.count > 0, Pace.of(receiver)
    today = receiver.known & (receiver.age < DAY)
    hour = receiver.known & (receiver.age < _WINDOWS["1h"])
    count = where_known(heard, today.sum(axis=1))
    return {
        "receiver_count_1h": where_known(heard, hour.sum(axis=1)),
        "receiver_count_24h": count,
        "receiver_count_24h_to_habit": (count + 1) / pace.count,
        "receiver_payments_a_day": pace.count,
        "receiver_since_last": _since_last(receiver),
        "receiver_fan_in_24h": where_known(heard, _different(receiver, today)),
    }


def _sums(party: Party, within: Flags) -> tuple[Floats, Floats]:
    count = np.where(within, party.day_count, 0.0).sum(axis=1)
    return count, np.where(within, party.day_rand, 0.0).sum(axis=1)


def _since_last(party: Party) -> Floats:
    shortest = np.where(party.known, party.age, np.inf).min(axis=1)
    return where_known(party.count > 0, shortest)


def _wait(party: Party) -> Floats:
    """The time since the last payment against the mean wait between payments."""
    last = _since_last(party)
    oldest = np.where(party.known, party.age, 0.0).max(axis=1)
    mean = (oldest - last) / np.maximum(party.count - 1, 1)
    return where_known(~party.few, ratio(last + _MINUTE, mean + _MINUTE))


def _different(party: Party, inside: Flags) -> Floats:
    """How many accounts there are among the entries inside."""
    who = np.sort(np.where(inside, party.party.astype(np.int64), -1), axis=1)
    changes = (who[:, 1:] != who[:, :-1]) & (who[:, 1:] >= 0)
    return np.asarray(changes.sum(axis=1) + (who[:, 0] >= 0), dtype=np.float64)
