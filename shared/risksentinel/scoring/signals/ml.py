"""The model's opinion: how seldom a payment is as strange as this one."""

from math import log10
from typing import Final

from risksentinel.domain.signal import Opinion, Reading, Silent
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy

_TENFOLDS: Final = 3  # the strangest one in 10^3: a manifest's ranks have no finer steps


def opinion(facts: Facts, policy: Policy) -> Opinion:
    """Silent where the model has no weight, or there is none.

    The model answers a rank, 0.99 where 1 % of the payments are stranger. What it is evidence of
    grows with the tenfolds of rarity, as in Fisher's combination of tests (1932): one in 10 is a
    risk of a third, one in 100 of two thirds, one in 1,000 of 1. In a mean the rank itself would
    put half a risk on every usual payment, and hardly tell one in 100 from one in 1,000.
    """
    if policy.ml_weight == 0:
        return Silent("the model has no part in the score: see ML_ENABLED and ML_WEIGHT")
    said = facts.model
    if isinstance(said, Silent):
        return said
    return Reading(risk_of(said.risk), said.reasons, {"rank": said.risk, **said.details})


def risk_of(rank: float) -> float:
    """-log10(1 - rank) / 3, at most 1; six decimals."""
    rarest = 10.0**-_TENFOLDS
    return round(-log10(max(1.0 - rank, rarest)) / _TENFOLDS, 6) + 0.0
