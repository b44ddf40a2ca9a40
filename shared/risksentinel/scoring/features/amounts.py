"""Features of amounts: the payment against earlier payments of its accounts."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from risksentinel.scoring.features.batch import (
    MIN_PAYMENTS,
    Batch,
    Columns,
    Floats,
    Party,
    sides,
)
from risksentinel.scoring.features.order import MIN_RAND, Ordered, ratio, where_known

# Minimum spread, as a share of the median, for accounts that always pay the same; as in the
# z-score.
_MIN_SPREAD: Final = 0.05


@dataclass(frozen=True, slots=True)
class Usual:
    """Usual amounts of accounts in rand; NaN with fewer than three payments."""

    median: Floats
    spread: Floats
    largest: Floats

    @classmethod
    def of(cls, party: Party) -> Self:
        """Compute the usual amounts from the stored payments."""
        ordered = Ordered.of(np.maximum(party.rand, MIN_RAND), party.known)
        kept = ordered.quantiles(0.25, 0.5, 0.75, 1.0)
        lower, median, upper, largest = where_known(~party.few, kept)
        return cls(median, np.maximum(upper - lower, _MIN_SPREAD * median), largest)


def columns(batch: Batch, usual: Usual) -> Columns:
    """Return the features of the amount against the sender's and the receiver's history."""
    both = batch.both
    rand = np.concatenate((batch.rand, batch.rand))
    to_median, got_to_median = sides(ratio(rand, usual.median))
    to_largest, got_to_largest = sides(ratio(rand, usual.largest))
    deviation, got_deviation = sides((rand - usual.median) / usual.spread)
    below = ((both.rand < rand[:, None]) & both.known).sum(axis=1)
    rank, got_rank = sides(where_known(~both.few, below / np.maximum(both.count, 1)))
    payments, got = sides(where_known(both.count > 0, both.count))
    return {
        "amount_to_median": to_median,
        "amount_to_largest": to_largest,
        "amount_deviation": deviation,
        "amount_rank": rank,
        "amount_spread": sides(usual.spread)[0] / sides(usual.median)[0],
        "sender_payments": payments,
        "receiver_amount_to_median": got_to_median,
        "receiver_amount_to_largest": got_to_largest,
        "receiver_amount_deviation": got_deviation,
        "receiver_amount_rank": got_rank,
        "receiver_payments": got,
        **_pooled(batch, sides(below).sum(axis=0)),
    }


def _pooled(batch: Batch, below: Floats) -> Columns:
    """Return the features against the payments of both accounts together."""
    count = len(batch.now)
    known = np.concatenate((batch.both.known[:count], batch.both.known[count:]), axis=1)
    rand = np.concatenate((batch.both.rand[:count], batch.both.rand[count:]), axis=1)
    ordered = Ordered.of(np.maximum(rand, MIN_RAND), known)
    enough = ordered.count >= MIN_PAYMENTS
    lower, median, upper = where_known(enough, ordered.quantiles(0.25, 0.5, 0.75))
    return {
        "pooled_amount_to_median": ratio(batch.rand, median),
        "pooled_amount_deviation": (batch.rand - median)
        / np.maximum(upper - lower, _MIN_SPREAD * median),
        "pooled_amount_rank": where_known(enough, below / np.maximum(ordered.count, 1)),
    }
