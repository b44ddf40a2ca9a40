"""The escalation of a payment that arrived long after the time that it states."""

from datetime import datetime, timedelta
from typing import Final

from risksentinel.domain.transaction import Transaction
from risksentinel.scoring.escalations.escalation import Grounds, Raise
from risksentinel.scoring.policy import Policy

_DAY: Final = timedelta(days=1)


def arrived_late(grounds: Grounds) -> Raise | None:
    """The payment is older than the policy allows: a false date avoids the velocity limits."""
    payment, policy = grounds.facts.transaction, grounds.policy
    if not is_late(payment, policy, grounds.at):
        return None
    most = timedelta(seconds=policy.max_lateness_seconds or 0)
    words = (
        f"the payment is dated {_in_words(grounds.at - payment.occurred_at)} before it arrived, "
        f"and more than {_in_words(most)} is late"
    )
    return Raise(policy.high, words)


def is_late(payment: Transaction, policy: Policy, at: datetime) -> bool:
    """Return whether a payment that arrives at this time is later than the policy allows."""
    most = policy.max_lateness_seconds
    return most is not None and (at - payment.occurred_at).total_seconds() > most


def _in_words(time: timedelta) -> str:
    if time >= 2 * _DAY:
        return f"{time // _DAY} days"
    return f"{time // timedelta(minutes=1)} minutes"
