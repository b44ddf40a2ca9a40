"""Snapshots: what the signals without a model read, replayed over a file.

The rules that it keeps to are those of `domain.history`; the adapters do the same for late payments
and repeated ones, which a file in order does not have.
"""

from collections import defaultdict, deque
from datetime import timedelta
from decimal import Decimal

from risksentinel.domain.history import (
    COOLING_OFF_SECONDS,
    FAN_IN_WINDOW,
    ReceiverProfile,
    RunningMean,
    SenderProfile,
    Snapshot,
    VelocitySnapshot,
)
from risksentinel.domain.party_state import MOST_PAYMENTS
from risksentinel.domain.transaction import Transaction


class Snapshots:
    """The history of a file that is read from its first row on."""

    def __init__(self, window_seconds: int) -> None:
        self._window = timedelta(seconds=window_seconds)
        self._recent: dict[str, deque[Transaction]] = defaultdict(deque)
        self._means: dict[str, RunningMean] = defaultdict(RunningMean)
        self._latest: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=MOST_PAYMENTS))
        self._first: dict[tuple[str, str], Transaction] = {}
        self._payers: dict[str, dict[str, Transaction]] = defaultdict(dict)

    def record(self, payment: Transaction) -> Snapshot:
        """Record a payment, and answer what is known around it."""
        return Snapshot(self._velocity(payment), self._sender(payment), self._receiver(payment))

    def _velocity(self, payment: Transaction) -> VelocitySnapshot:
        recent = self._recent[payment.sender_id]
        recent.append(payment)
        while recent[0].occurred_at <= payment.occurred_at - self._window:
            recent.popleft()
        total = sum((one.amount.amount for one in recent), Decimal(0))
        return VelocitySnapshot(len(recent), total, int(self._window.total_seconds()))

    def _sender(self, payment: Transaction) -> SenderProfile:
        mean, latest = self._means[payment.sender_id], self._latest[payment.sender_id]
        profile = SenderProfile.of(mean.count, mean.mean, latest)
        rand = float(payment.amount.amount)
        self._means[payment.sender_id] = mean.with_amount(rand)
        latest.append(rand)
        return profile

    def _receiver(self, payment: Transaction) -> ReceiverProfile:
        pair = (payment.sender_id, payment.receiver_id)
        first = self._first.setdefault(pair, payment)
        young = (payment.occurred_at - first.occurred_at).total_seconds() < COOLING_OFF_SECONDS
        payers = self._payers[payment.receiver_id]
        payers[payment.sender_id] = payment
        since = payment.occurred_at - FAN_IN_WINDOW
        for name in [name for name, last in payers.items() if last.occurred_at <= since]:
            del payers[name]
        return ReceiverProfile(new_for_sender=young, senders_24h=len(payers))
