"""Surprise: how rare the payment's attributes are for this sender, in bits (-log2 of the share)."""

from typing import Final

import numpy as np

from risksentinel.scoring.features.batch import (
    DAY,
    MIN_PAYMENTS,
    Batch,
    Columns,
    Flags,
    Floats,
    Integers,
    Party,
    sides,
)
from risksentinel.scoring.features.order import MIN_RAND, Ordered, ratio, where_known

_HOUR: Final = 3_600
_NEAR: Final = 2 * _HOUR  # payments within this difference have the same time of day
_DAYS_A_WEEK: Final = 7
_FIRST_DAY: Final = 3  # 1970 began on a Thursday; Monday is 0
_MIN_IN_CATEGORY: Final = 2


def columns(batch: Batch) -> Columns:
    """Return the surprise of receiver, time, category and channel."""
    sender, both = batch.sender, batch.both
    offset = int(batch.options.utc_offset.total_seconds())
    now = batch.now + offset
    weekday, stated = _weekday(now), batch.category > 0
    same = sender.party == batch.receiver_digest[:, None]
    category = (sender.category == batch.category[:, None]) & stated[:, None]
    alike = np.array(
        (
            same,
            _weekday(sender.at + offset) == weekday[:, None],
            sender.channel == batch.channel[:, None],
            category,
        )
    )
    counts = (alike & sender.known).sum(axis=2)
    by_receiver, by_weekday, by_channel, by_category = _bits(counts, sender.count)
    near = _near(both, np.concatenate((now, now)), offset).sum(axis=1)
    by_hour, receiver_by_hour = sides(_bits(near, both.count))
    return {
        "receiver_is_new": where_known(sender.count > 0, counts[0] == 0),
        "receiver_surprise": by_receiver,
        "hour": (now % DAY) / _HOUR,
        "weekday": weekday,
        "hour_surprise": by_hour,
        "receiver_hour_surprise": receiver_by_hour,
        "weekday_surprise": by_weekday,
        "channel_surprise": by_channel,
        "category_surprise": where_known(stated, by_category),
        **_of_category(batch, category & sender.known),
    }


def _of_category(batch: Batch, same: Flags) -> Columns:
    amounts = Ordered.of(np.maximum(batch.sender.rand, MIN_RAND), same)
    enough = amounts.count >= _MIN_IN_CATEGORY
    to_median, to_largest = where_known(enough, ratio(batch.rand, amounts.quantiles(0.5, 1.0)))
    return {"category_amount_to_median": to_median, "category_amount_to_largest": to_largest}


def _bits(alike: Integers, count: Integers) -> Floats:
    """Return -log2 of the share of earlier payments with the same attribute.

    Half a payment of each kind is added, so that an attribute without payments is not impossible.
    """
    return where_known(count >= MIN_PAYMENTS, -np.log2((alike + 0.5) / (count + 1.0)))


def _weekday(local: Integers) -> Integers:
    return (local // DAY + _FIRST_DAY) % _DAYS_A_WEEK


def _near(party: Party, now: Integers, offset: int) -> Flags:
    apart = np.abs((now % DAY)[:, None] - (party.at + offset) % DAY)
    near: Flags = party.known & (np.minimum(apart, DAY - apart) <= _NEAR)
    return near
