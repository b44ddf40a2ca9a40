"""Features of earlier frauds of the two accounts that were known at the time of the payment.

A payment without a label counts as genuine only after the delay of labels: rates count only
payments that are older than the delay.
"""

from typing import Final

import numpy as np

from risksentinel.scoring.features.batch import DAY, Batch, Columns, Floats, Party, sides
from risksentinel.scoring.features.order import where_known

_NAMES: Final = ("1d", "7d", "30d")
_DAYS: Final = np.array([[1], [7], [30]])
_MEMORY: Final = 45 * DAY


def columns(batch: Batch) -> Columns:
    """Return fraud rates, counts and ages of the receiver and of the sender."""
    delay = int(batch.options.label_delay.total_seconds())
    second = batch.now % DAY
    found = {
        **_rates(batch.both, np.concatenate((second, second)), delay),
        **_ages(batch.both, delay),
    }
    of_sides = {name: sides(values) for name, values in found.items()}
    return {
        **{f"receiver_{name}": values[1] for name, values in of_sides.items()},
        **{f"sender_{name}": values[0] for name, values in of_sides.items()},
    }


def _rates(party: Party, second_of_day: Floats, delay: int) -> Columns:
    """Return rates by window, one row each."""
    late = -(-delay // DAY)
    days_ago = np.ceil((party.fraud_age - second_of_day[:, None]) / DAY)
    frauds = (party.fraud_known[:, None] & (days_ago[:, None] <= _DAYS + late)).sum(axis=2).T
    old = party.day_known & (party.days_ago > late)
    within = old[:, None] & (party.days_ago[:, None] <= _DAYS + late)
    covered = np.where(within, party.day_count[:, None], 0.0).sum(axis=2).T
    some = (covered > 0) | (frauds > 0)
    told = (
        ("covered", where_known(some, covered)),
        ("frauds", where_known(some, frauds)),
        ("fraud_rate", where_known(some, frauds / np.maximum(covered, frauds))),
    )
    return {
        f"{what}_{name}": values[line] for what, values in told for line, name in enumerate(_NAMES)
    }


def _ages(party: Party, delay: int) -> Columns:
    last = np.where(party.fraud_known, party.fraud_age, np.inf).min(axis=1)
    some, heard = np.isfinite(last), party.count > 0
    recent = party.fraud_known & (party.fraud_age < _MEMORY)
    first = np.where(recent, party.fraud_age, -1.0).max(axis=1)
    young = party.age < delay
    clean = party.known & ~young & (party.age < last[:, None])
    return {
        "frauds": where_known(heard, party.fraud_known.sum(axis=1)),
        "since_fraud": where_known(some, last),
        "since_first_fraud": where_known(first >= 0, first),
        "uncovered": where_known(heard, (party.known & young).sum(axis=1)),
        "clean_since_fraud": where_known(some, clean.sum(axis=1)),
    }
