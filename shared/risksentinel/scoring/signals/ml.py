"""The model's opinion, as it was gathered."""

from risksentinel.domain.signal import Opinion, Silent
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy


def opinion(facts: Facts, policy: Policy) -> Opinion:
    """Silent where the model has no weight, or there is none."""
    if policy.ml_weight == 0:
        return Silent("the model has no part in the score: see ML_ENABLED and ML_WEIGHT")
    return facts.model
