"""The escalation of a payment for which no signal answered."""

from typing import Final

from risksentinel.domain.signal import Reading
from risksentinel.scoring.escalations.escalation import Grounds, Raise

NOTHING_ANSWERED: Final = "no signal answered: the payment is treated as high risk until reviewed"


def nothing_answered(grounds: Grounds) -> Raise | None:
    """Every signal is silent."""
    if any(isinstance(said, Reading) for said in grounds.opinions.values()):
        return None
    return Raise(grounds.policy.high, NOTHING_ANSWERED)
