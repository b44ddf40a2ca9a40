"""Velocity: the share of the sender's limits that the payments of the window use."""

from decimal import Decimal
from functools import lru_cache

from risksentinel.domain.history import VelocitySnapshot
from risksentinel.domain.signal import Opinion, Reading, Silent
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy


def opinion(facts: Facts, policy: Policy) -> Opinion:
    """Return the larger share of the two limits, count and sum; at a limit the risk is 1.

    The sum counts from the second payment on: one large amount is covered by anomaly and model, and
    must not count three times.
    """
    if isinstance(facts.history, Silent):
        return facts.history
    velocity = facts.history.velocity
    share = velocity.count / policy.velocity_max_count
    if velocity.count > 1:
        share = max(share, float(velocity.total / policy.velocity_max_total_zar))
    details = {
        "count": velocity.count,
        "total_zar": f"{velocity.total:.2f}",
        "window_seconds": velocity.window_seconds,
        "max_count": policy.velocity_max_count,
        "max_total_zar": f"{policy.velocity_max_total_zar:.2f}",
    }
    return Reading(round(min(share, 1.0), 6), (_in_words(velocity, policy),), details)


def _in_words(velocity: VelocitySnapshot, policy: Policy) -> str:
    payments = "1 payment" if velocity.count == 1 else f"{velocity.count} payments"
    return (
        f"{payments} of R{velocity.total:,.2f} in all within {_span(velocity.window_seconds)}; "
        f"{_limits(policy.velocity_max_count, policy.velocity_max_total_zar)}"
    )


@lru_cache(maxsize=8)
def _limits(count: int, total: Decimal) -> str:
    return f"the limits are {count} payments and R{total:,.2f}"


@lru_cache(maxsize=8)
def _span(seconds: int) -> str:
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} seconds"
