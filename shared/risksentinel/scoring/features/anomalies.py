"""Anomalies: the memory of recent payments that were unusual for their account."""

from typing import Final

import numpy as np

from risksentinel.scoring.features.amounts import Usual
from risksentinel.scoring.features.batch import DAY, Batch, Columns, Flags, Floats, Party
from risksentinel.scoring.features.order import ratio, where_known

_UNUSUAL: Final = 3.0  # spreads above the median: the threshold of the anomaly signal
_MOST: Final = 10.0  # spreads that one payment adds to a sum at the most
_WINDOWS: Final = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}


def columns(batch: Batch, paid: Usual, got: Usual) -> Columns:
    """How many earlier payments were unusually large, how large and how long ago."""
    sender, receiver = batch.sender, batch.receiver
    above = _spreads(sender, paid)
    unusual, enough = sender.known & (above > _UNUSUAL), ~sender.few
    counts = {
        f"unusual_{name}": where_known(enough, (unusual & (sender.age < seconds)).sum(axis=1))
        for name, seconds in _WINDOWS.items()
    }
    since = np.where(unusual, sender.age, np.inf).min(axis=1)
    week = sender.known & (sender.age < _WINDOWS["7d"])
    month = sender.known & (sender.age < _WINDOWS["30d"])
    largest = np.where(week, sender.rand, 0.0).max(axis=1)
    received = receiver.known & (_spreads(receiver, got) > _UNUSUAL)
    return {
        **counts,
        "since_unusual": where_known(enough & np.isfinite(since), since),
        "unusual_sum_7d": where_known(enough, _sum(above, week)),
        "unusual_sum_30d": where_known(enough, _sum(above, month)),
        "largest_7d_to_median": where_known(largest > 0, ratio(largest, paid.median)),
        "receiver_unusual_7d": where_known(
            ~receiver.few, (received & (receiver.age < _WINDOWS["7d"])).sum(axis=1)
        ),
    }


def _spreads(party: Party, usual: Usual) -> Floats:
    return (party.rand - usual.median[:, None]) / usual.spread[:, None]


def _sum(above: Floats, inside: Flags) -> Floats:
    counted: Floats = np.where(inside, np.clip(above, 0.0, _MOST), 0.0)
    return np.asarray(counted.sum(axis=1))
