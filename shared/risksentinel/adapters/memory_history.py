"""History in memory: the reference that every other adapter is held against."""

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Final, TypeVar

from risksentinel.domain.history import (
    FAN_IN_WINDOW,
    ReceiverProfile,
    RunningAmounts,
    Snapshot,
    VelocitySnapshot,
)
from risksentinel.domain.transaction import Transaction

MOST_PARTIES: Final = 500_000  # senders and receivers, each: what one process can keep
MOST_SNAPSHOTS: Final = 100_000
MOST_RECENT: Final = 1_000  # payments of one sender within reach of the window
MOST_BENEFICIARIES: Final = 256
MOST_PAYERS: Final = 256  # of one receiver within the fan-in window: more is fan-in all the same
LATENESS: Final = timedelta(hours=1)  # how much later than its neighbours a payment may arrive

State = TypeVar("State")


@dataclass(slots=True)
class _Sender:
    amounts: RunningAmounts = field(default_factory=RunningAmounts)
    recent: list[tuple[datetime, int]] = field(default_factory=list)  # by time, with cents
    beneficiaries: OrderedDict[str, None] = field(default_factory=OrderedDict)


@dataclass(slots=True)
class _Receiver:
    payers: OrderedDict[str, datetime] = field(default_factory=OrderedDict)


class MemoryHistory:
    """What one process has seen. Bounded: who was not heard of for longest is forgotten."""

    def __init__(
        self,
        window: timedelta,
        lateness: timedelta = LATENESS,
        most_parties: int = MOST_PARTIES,
    ) -> None:
        self._window = window
        self._reach = window + lateness
        self._most = most_parties
        self._lock = Lock()
        self._senders: OrderedDict[str, _Sender] = OrderedDict()
        self._receivers: OrderedDict[str, _Receiver] = OrderedDict()
        self._snapshots: OrderedDict[str, Snapshot] = OrderedDict()

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each in turn; a repeated id changes nothing and gets its first snapshot."""
        with self._lock:
            return [self._snapshots.get(payment.id) or self._record(payment) for payment in batch]

    def rebuild(self, payments: Iterable[Transaction]) -> int:
        """Record payments that were kept before, in the order in which they came."""
        count = 0
        for payment in payments:
            self.record([payment])
            count += 1
        return count

    def _record(self, payment: Transaction) -> Snapshot:
        sender = _entry(self._senders, payment.sender_id, _Sender, self._most)
        receiver = _entry(self._receivers, payment.receiver_id, _Receiver, self._most)
        snapshot = Snapshot(
            velocity=_velocity(sender, payment, self._window, self._reach),
            sender=sender.amounts.profile,
            receiver=_receiver_profile(sender, receiver, payment),
        )
        sender.amounts = sender.amounts.with_amount(float(payment.amount.amount))
        self._snapshots[payment.id] = snapshot
        if len(self._snapshots) > MOST_SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return snapshot


def _entry(states: OrderedDict[str, State], key: str, fresh: type[State], most: int) -> State:
    state = states.get(key)
    if state is None:
        state = states[key] = fresh()
        if len(states) > most:
            states.popitem(last=False)
    else:
        states.move_to_end(key)
    return state


def _velocity(
    sender: _Sender, payment: Transaction, window: timedelta, reach: timedelta
) -> VelocitySnapshot:
    """Add the payment; count the window (t - w, t] that ends with it."""
    recent, at = sender.recent, payment.occurred_at
    insort(recent, (at, payment.amount.cents))
    first = bisect_right(recent, (at - window, _AFTER_ALL))
    last = bisect_right(recent, (at, _AFTER_ALL))
    inside = recent[first:last]
    total = Decimal(sum(cents for _, cents in inside)).scaleb(-2)
    forgotten = bisect_left(recent, (recent[-1][0] - reach, -1))
    del recent[: max(forgotten, len(recent) - MOST_RECENT)]
    return VelocitySnapshot(len(inside), total, int(window.total_seconds()))


_AFTER_ALL: Final = 10**20  # more cents than any payment has


def _receiver_profile(
    sender: _Sender, receiver: _Receiver, payment: Transaction
) -> ReceiverProfile:
    """Add the pair; count the payers of the last 24 hours before this payment."""
    new = payment.receiver_id not in sender.beneficiaries
    _remember(sender.beneficiaries, payment.receiver_id, None, MOST_BENEFICIARIES)
    latest = receiver.payers.get(payment.sender_id, payment.occurred_at)
    latest = max(latest, payment.occurred_at)
    _remember(receiver.payers, payment.sender_id, latest, MOST_PAYERS)
    since = payment.occurred_at - FAN_IN_WINDOW
    payers = sum(1 for at in receiver.payers.values() if at > since)
    return ReceiverProfile(new, payers)


def _remember(known: OrderedDict[str, State], name: str, value: State, most: int) -> None:
    known[name] = value
    known.move_to_end(name)
    if len(known) > most:
        known.popitem(last=False)
