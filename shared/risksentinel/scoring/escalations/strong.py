"""Escalations by strong signals: two at once, or one on an account without a history."""

from collections.abc import Iterator
from typing import Final

from risksentinel.domain.history import COOLING_OFF_SECONDS, Snapshot
from risksentinel.domain.party_state import second_of
from risksentinel.domain.signal import Reading, Silent
from risksentinel.scoring.escalations.escalation import Grounds, Raise
from risksentinel.scoring.escalations.velocity import is_batched, makes_runs, share_of_limits

_TWO: Final = 2


def two_at_once(grounds: Grounds) -> Raise | None:
    """Two independent signals are strong; anomaly and ml count as one, both use the amount."""
    least = grounds.policy.escalate_strong_signals
    if least is None:
        return None
    strong = list(_strong(grounds, least))
    if {"anomaly", "ml"} <= set(strong):
        strong.remove("ml")
    if len(strong) < _TWO:
        return None
    return Raise(grounds.policy.high, f"strong at once: {' and '.join(strong)}")


def without_past(grounds: Grounds) -> Raise | None:
    """One signal is strong, and the account's first payment is less than a day old."""
    least, history = grounds.policy.escalate_strong_without_past, grounds.facts.history
    if least is None or isinstance(history, Silent):
        return None
    strong = [name for name in _strong(grounds, least) if name != "ml"]
    if not strong:
        return None
    second = second_of(grounds.facts.transaction.occurred_at)
    if history.known.first and second - history.known.first >= COOLING_OFF_SECONDS:
        return None
    return Raise(grounds.policy.high, f"{strong[0]} is strong on an account without a history")


def _strong(grounds: Grounds, least: float) -> Iterator[str]:
    for name, said in grounds.opinions.items():
        if not isinstance(said, Reading) or said.risk < least:
            continue
        if name != "velocity" or _repeated_velocity(grounds) >= least:
            yield name


def _repeated_velocity(grounds: Grounds) -> float:
    """Return velocity if payments repeat: one large amount alone is not velocity."""
    history, payment = grounds.facts.history, grounds.facts.transaction
    if not isinstance(history, Snapshot) or history.velocity.count < _TWO:
        return 0.0
    share = share_of_limits(history, grounds.policy)
    if is_batched(payment):
        times = grounds.policy.escalate_velocity_decline or 1.0
        return 0.0 if makes_runs(history, payment) else share / times
    return share
