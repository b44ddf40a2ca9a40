"""Surprise: what this sender seldom or never did before, in bits: 1 for every halving."""

from typing import Final

import numpy as np

from risksentinel.scoring.features.batch import DAY, Batch, Columns, Flags, Floats, Integers, Party
from risksentinel.scoring.features.order import LEAST_RAND, Ordered, ratio, where_known

_HOUR: Final = 3_600
_NEAR: Final = 2 * _HOUR  # payments that far apart on the clock are of one time of the day
_DAYS_A_WEEK: Final = 7
_FIRST_DAY: Final = 3  # 1970 began on a Thursday; Monday is 0
_LEAST_IN_CATEGORY: Final = 2


def columns(batch: Batch) -> Columns:
    """The receiver, the time, the category and the channel against what came before."""
    sender, receiver = batch.sender, batch.receiver
    offset = int(batch.options.utc_offset.total_seconds())
    now = batch.now + offset
    same = sender.known & (sender.party == batch.receiver_digest[:, None])
    weekday = _weekday(now)
    on_weekday = sender.known & (_weekday(sender.at + offset) == weekday[:, None])
    on_channel = sender.known & (sender.channel == batch.channel[:, None])
    return {
        "receiver_is_new": where_known(sender.count > 0, ~same.any(axis=1)),
        "receiver_surprise": _bits(sender, same),
        "hour": (now % DAY) / _HOUR,
        "weekday": weekday,
        "hour_surprise": _bits(sender, _near(sender, now, offset)),
        "receiver_hour_surprise": _bits(receiver, _near(receiver, now, offset)),
        "weekday_surprise": _bits(sender, on_weekday),
        "channel_surprise": _bits(sender, on_channel),
        **_of_category(batch),
    }


def _of_category(batch: Batch) -> Columns:
    sender, stated = batch.sender, batch.category > 0
    same = sender.known & (sender.category == batch.category[:, None]) & stated[:, None]
    amounts = Ordered.of(np.maximum(sender.rand, LEAST_RAND), same)
    enough = amounts.count >= _LEAST_IN_CATEGORY
    return {
        "category_surprise": where_known(stated, _bits(sender, same)),
        "category_amount_to_median": where_known(enough, ratio(batch.rand, amounts.quantile(0.5))),
        "category_amount_to_largest": where_known(enough, ratio(batch.rand, amounts.quantile(1.0))),
    }


def _bits(party: Party, alike: Flags) -> Floats:
    """Minus the binary logarithm of the share of earlier payments that were alike.

    Half a payment of each kind is added to them: what never happened is not impossible.
    """
    share = (alike.sum(axis=1) + 0.5) / (party.count + 1.0)
    return where_known(~party.few, -np.log2(share))


def _weekday(local: Integers) -> Integers:
    return (local // DAY + _FIRST_DAY) % _DAYS_A_WEEK


def _near(party: Party, now: Integers, offset: int) -> Flags:
    apart = np.abs((now % DAY)[:, None] - (party.at + offset) % DAY)
    near: Flags = party.known & (np.minimum(apart, DAY - apart) <= _NEAR)
    return near
