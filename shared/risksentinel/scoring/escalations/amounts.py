"""Amounts far above the sender's habit, and amounts above the limit of the channel or rail."""

from typing import Final

from risksentinel.domain.sender_profile import MIN_PAYMENTS
from risksentinel.domain.signal import Silent
from risksentinel.scoring.escalations.escalation import Grounds, Raise

# Rand. Smaller amounts are not worth a review, even if they are many times the habit.
MIN_MATERIAL: Final = 10_000


def out_of_proportion(grounds: Grounds) -> Raise | None:
    """The amount is too many times the sender's largest; needs five payments older than a day."""
    history, times = grounds.facts.history, grounds.policy.escalate_amount_to_habit
    amount = grounds.facts.transaction.amount
    if times is None or isinstance(history, Silent) or amount.amount < MIN_MATERIAL:
        return None
    largest = max(history.sender.settled_largest, 0.01)
    ratio = float(amount.amount) / largest
    if history.sender.settled < MIN_PAYMENTS or ratio < times:
        return None
    words = (
        f"{amount.in_words} is {ratio:,.0f} times the largest of this sender's latest payments "
        f"(R{largest:,.2f})"
    )
    return Raise(grounds.policy.high, words)


def beyond_ceiling(grounds: Grounds) -> Raise | None:
    """The amount is above the limit of one payment by the channel or the rail."""
    payment, ceilings = grounds.facts.transaction, grounds.policy.escalate_amount_ceilings
    if ceilings is None:
        return None
    for name in (payment.channel, payment.rail):
        ceiling = None if name is None else ceilings.get(name)
        if ceiling is not None and payment.amount.amount > ceiling:
            words = (
                f"{payment.amount.in_words} is more than one payment by {name} carries "
                f"(R{ceiling:,.2f})"
            )
            return Raise(grounds.policy.high, words)
    return None
