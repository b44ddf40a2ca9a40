"""Escalations by velocity limits: exceeded -> review, exceeded several times -> decline.

They apply from the second payment on. Orders that a bank clears in batches (EFT and RTGS by
internet banking: payrolls, creditors' runs) are escalated one level less, as they can still be
stopped, and not at all if such runs of usual amounts are the account's habit.
"""

from typing import Final

from risksentinel.domain.history import Snapshot
from risksentinel.domain.party_state import DAY, SECONDS_A_DAY, second_of
from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.scoring.escalations.escalation import Grounds, Raise
from risksentinel.scoring.policy import Policy

_MIN_PAYMENTS: Final = 2
_MIN_REPEATED: Final = 3
_MIN_RUN: Final = 3  # payments on one earlier day
_USUAL_SHARE: Final = 0.9  # quantile of the latest amounts: ignores a few large ones
_USUAL_TIMES: Final = 2.0
_BATCHED_RAILS: Final = frozenset({Rail.EFT, Rail.RTGS})


def exceeded(grounds: Grounds) -> Raise | None:
    """A limit is exceeded, and the payments are not a habitual run of the account."""
    policy, times = grounds.policy, grounds.policy.escalate_velocity_review
    snapshot = _repeated(grounds, _MIN_PAYMENTS)
    if times is None or snapshot is None:
        return None
    payment = grounds.facts.transaction
    if is_batched(payment):
        if makes_runs(snapshot, payment):
            return None
        times = max(times, policy.escalate_velocity_decline or times)
    share = share_of_limits(snapshot, policy)
    if share <= times:
        return None
    return Raise(policy.high, _words(snapshot, share))


def far_exceeded(grounds: Grounds) -> Raise | None:
    """A limit is exceeded several times, by orders that cannot be stopped later."""
    policy, times = grounds.policy, grounds.policy.escalate_velocity_decline
    snapshot = _repeated(grounds, _MIN_REPEATED)
    if times is None or snapshot is None or is_batched(grounds.facts.transaction):
        return None
    share = share_of_limits(snapshot, policy)
    return Raise(policy.critical, _words(snapshot, share)) if share > times else None


def share_of_limits(snapshot: Snapshot, policy: Policy) -> float:
    """Return the larger of count / count limit and rand / rand limit."""
    velocity = snapshot.velocity
    count = velocity.count / policy.velocity_max_count
    return max(count, float(velocity.total / policy.velocity_max_total_zar))


def is_batched(payment: Transaction) -> bool:
    """Return whether a bank clears the order in a batch, hours later."""
    return payment.channel is Channel.INTERNET_BANKING and payment.rail in _BATCHED_RAILS


def makes_runs(snapshot: Snapshot, payment: Transaction) -> bool:
    """Return whether the account paid several times on an earlier day, and the amount is usual."""
    return bool(snapshot.answer("runs", lambda: _makes_runs(snapshot, payment)))


def _makes_runs(snapshot: Snapshot, payment: Transaction) -> bool:
    today = second_of(payment.occurred_at) // SECONDS_A_DAY
    days = DAY.iter_unpack(snapshot.habits.sender.days)
    if not any(count >= _MIN_RUN for day, count, _ in days if day < today):
        return False
    amounts = sorted(snapshot.habits.sender.amounts)
    if not amounts:
        return False
    usual = amounts[int((len(amounts) - 1) * _USUAL_SHARE)]
    return float(payment.amount.amount) <= _USUAL_TIMES * usual


def _repeated(grounds: Grounds, least: int) -> Snapshot | None:
    history = grounds.facts.history
    if isinstance(history, Silent) or history.velocity.count < least:
        return None
    return history


def _words(snapshot: Snapshot, share: float) -> str:
    velocity = snapshot.velocity
    return (
        f"{velocity.count} payments of R{velocity.total:,.2f} in all within "
        f"{velocity.window_seconds} seconds are {share:.1f} times the velocity limits"
    )
