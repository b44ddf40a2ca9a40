"""Amounts: how the payment compares with what its accounts paid and got before."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from risksentinel.scoring.features.batch import LEAST_PAYMENTS, Batch, Columns, Floats, Party
from risksentinel.scoring.features.order import LEAST_RAND, Ordered, ratio, where_known

# Who always pays the same has no spread: a twentieth of the median is taken, as in the z-score.
_LEAST_SPREAD: Final = 0.05


@dataclass(frozen=True, slots=True)
class Usual:
    """What one side's accounts usually pay: NaN before three payments; rand."""

    median: Floats
    spread: Floats
    largest: Floats

    @classmethod
    def of(cls, party: Party) -> Self:
        """Read the payments that are kept."""
        ordered = Ordered.of(np.maximum(party.rand, LEAST_RAND), party.known)
        enough = ~party.few
        median = where_known(enough, ordered.quantile(0.5))
        quartiles = ordered.quantile(0.75) - ordered.quantile(0.25)
        spread = np.maximum(quartiles, _LEAST_SPREAD * median)
        return cls(median, spread, where_known(enough, ordered.quantile(1.0)))


def columns(batch: Batch, paid: Usual, got: Usual) -> Columns:
    """The amount against the sender's own past, and against the receiver's."""
    return {
        "amount_to_median": ratio(batch.rand, paid.median),
        "amount_to_largest": ratio(batch.rand, paid.largest),
        "amount_deviation": (batch.rand - paid.median) / paid.spread,
        "amount_rank": _rank(batch.rand, batch.sender),
        "amount_spread": paid.spread / paid.median,
        "sender_payments": where_known(batch.sender.count > 0, batch.sender.count),
        "receiver_amount_to_median": ratio(batch.rand, got.median),
        "receiver_amount_to_largest": ratio(batch.rand, got.largest),
        "receiver_amount_deviation": (batch.rand - got.median) / got.spread,
        "receiver_amount_rank": _rank(batch.rand, batch.receiver),
        "receiver_payments": where_known(batch.receiver.count > 0, batch.receiver.count),
        **_pooled(batch),
    }


def _pooled(batch: Batch) -> Columns:
    """Against the two accounts' payments taken together: the nearest thing to everybody's."""
    known = np.concatenate([batch.sender.known, batch.receiver.known], axis=1)
    rand = np.concatenate([batch.sender.rand, batch.receiver.rand], axis=1)
    ordered = Ordered.of(np.maximum(rand, LEAST_RAND), known)
    enough = ordered.count >= LEAST_PAYMENTS
    median = where_known(enough, ordered.quantile(0.5))
    quartiles = ordered.quantile(0.75) - ordered.quantile(0.25)
    below = ((rand < batch.rand[:, None]) & known).sum(axis=1)
    return {
        "pooled_amount_to_median": ratio(batch.rand, median),
        "pooled_amount_deviation": (batch.rand - median)
        / np.maximum(quartiles, _LEAST_SPREAD * median),
        "pooled_amount_rank": where_known(enough, below / np.maximum(ordered.count, 1)),
    }


def _rank(rand: Floats, party: Party) -> Floats:
    below = ((party.rand < rand[:, None]) & party.known).sum(axis=1)
    return where_known(~party.few, below / np.maximum(party.count, 1))
