"""Features of earlier payments that were unusual for their account."""

from typing import Final

import numpy as np

from risksentinel.scoring.features.amounts import Usual
from risksentinel.scoring.features.batch import DAY, Batch, Columns, sides
from risksentinel.scoring.features.order import ratio, where_known

_UNUSUAL: Final = 3.0  # spreads above the median: the threshold of the anomaly signal
_MAX_SPREADS: Final = 10.0  # maximum of spreads that one payment adds to a sum
_WINDOWS: Final = np.array([[DAY], [7 * DAY], [30 * DAY]])  # 24 hours, 7 days, 30 days


def columns(batch: Batch, usual: Usual) -> Columns:
    """Return count, size and age of earlier payments that were unusually large."""
    both, sender, enough = batch.both, batch.sender, ~batch.both.few
    inside = both.known[:, None] & (both.age[:, None] < _WINDOWS)  # account, window, payment
    above = (both.rand - usual.median[:, None]) / usual.spread[:, None]
    unusual = both.known & (above > _UNUSUAL)
    counts = where_known(enough, (inside & unusual[:, None]).sum(axis=2).T)
    since = np.where(unusual, both.age, np.inf).min(axis=1)
    since = where_known(enough & np.isfinite(since), since)
    capped = np.minimum(np.maximum(above, 0.0), _MAX_SPREADS)[:, None]
    sums = where_known(enough, np.where(inside[:, 1:], capped, 0.0).sum(axis=2).T)
    week = inside[: len(batch.now), 1]
    largest = np.where(week, sender.rand, 0.0).max(axis=1)
    day, seven_days, month = counts
    return {
        "unusual_24h": sides(day)[0],
        "unusual_7d": sides(seven_days)[0],
        "unusual_30d": sides(month)[0],
        "since_unusual": sides(since)[0],
        "unusual_sum_7d": sides(sums[0])[0],
        "unusual_sum_30d": sides(sums[1])[0],
        "largest_7d_to_median": where_known(largest > 0, ratio(largest, sides(usual.median)[0])),
        "receiver_unusual_7d": sides(seven_days)[1],
    }
