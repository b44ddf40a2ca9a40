"""ml: how anomalous the payment is, as a tail probability of the model's scores."""

from math import log10
from typing import Final

from risksentinel.domain.signal import Opinion, Reading, Silent
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy

_MAX_MAGNITUDES: Final = 3  # orders of magnitude; ranks of a manifest have steps of 1 in 10^3


def opinion(facts: Facts, policy: Policy) -> Opinion:
    """Return the risk of the model's rank; Silent without a model or with a weight of 0.

    The model returns a rank: 0.99 means that 1 % of the payments are more anomalous. The risk is
    the logarithm of this tail probability, as in Fisher's combination of tests (1932): 1 in 10
    gives a risk of 1/3, 1 in 100 of 2/3, 1 in 1,000 of 1. The rank itself would give usual payments
    a mean risk of 0.5, and would hardly distinguish 1 in 100 from 1 in 1,000.
    """
    if policy.ml_weight == 0:
        return Silent("the model has no part in the score: see ML_ENABLED and ML_WEIGHT")
    said = facts.model
    if isinstance(said, Silent):
        return said
    return Reading(risk_of(said.risk), said.reasons, {"rank": said.risk, **said.details})


def risk_of(rank: float) -> float:
    """Return -log10(1 - rank) / 3, at most 1, with six decimals."""
    smallest = 10.0**-_MAX_MAGNITUDES
    return round(-log10(max(1.0 - rank, smallest)) / _MAX_MAGNITUDES, 6) + 0.0
