"""Labels: what is known of earlier frauds of the two accounts, as late as it became known.

A payment that nobody reviewed is no genuine one before fraud in it would be known: a rate counts
the payments that are older than the delay of labels, and no younger ones.
"""

from typing import Final

import numpy as np

from risksentinel.scoring.features.batch import DAY, Batch, Columns, Integers, Party
from risksentinel.scoring.features.order import where_known

_WINDOWS: Final = {"1d": 1, "7d": 7, "30d": 30}
_MEMORY: Final = 45 * DAY


def columns(batch: Batch) -> Columns:
    """Fraud rates, counts and ages of the receiver and of the sender."""
    delay = int(batch.options.label_delay.total_seconds())
    return {
        **_named("receiver", batch.receiver, batch.now % DAY, delay),
        **_named("sender", batch.sender, batch.now % DAY, delay),
    }


def _named(side: str, party: Party, second_of_day: Integers, delay: int) -> Columns:
    found: Columns = {}
    days_ago = np.ceil((party.fraud_age - second_of_day[:, None]) / DAY)
    late = -(-delay // DAY)
    for name, days in _WINDOWS.items():
        frauds = (party.fraud_known & (days_ago <= days + late)).sum(axis=1)
        within = party.day_known & (party.days_ago > late) & (party.days_ago <= days + late)
        covered = np.where(within, party.day_count, 0.0).sum(axis=1)
        some = (covered > 0) | (frauds > 0)
        found[f"{side}_covered_{name}"] = where_known(some, covered)
        found[f"{side}_frauds_{name}"] = where_known(some, frauds)
        found[f"{side}_fraud_rate_{name}"] = where_known(some, frauds / np.maximum(covered, frauds))
    last = np.where(party.fraud_known, party.fraud_age, np.inf).min(axis=1)
    some = np.isfinite(last)
    recent = party.fraud_known & (party.fraud_age < _MEMORY)
    first = np.where(recent, party.fraud_age, -1.0).max(axis=1)
    uncovered = party.known & (party.age < delay)
    since = party.known & ~uncovered & (party.age < last[:, None])
    return {
        **found,
        f"{side}_frauds": where_known(party.count > 0, party.fraud_known.sum(axis=1)),
        f"{side}_since_fraud": where_known(some, last),
        f"{side}_since_first_fraud": where_known(first >= 0, first),
        f"{side}_uncovered": where_known(party.count > 0, uncovered.sum(axis=1)),
        f"{side}_clean_since_fraud": where_known(some, since.sum(axis=1)),
    }
