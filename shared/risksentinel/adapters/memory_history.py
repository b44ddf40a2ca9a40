"""History in memory: the reference that every other adapter is held against."""

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from threading import Lock
from typing import Final, TypeVar

from risksentinel.domain.habits import HabitBook, Habits
from risksentinel.domain.history import (
    COOLING_OFF_SECONDS,
    FAN_IN_WINDOW,
    ReceiverProfile,
    RunningMean,
    SenderProfile,
    Snapshot,
    VelocitySnapshot,
)
from risksentinel.domain.label import Finding, Labelled
from risksentinel.domain.transaction import Transaction

MOST_PARTIES: Final = 500_000  # senders and receivers, each: what one process can keep
MOST_SNAPSHOTS: Final = 100_000

State = TypeVar("State")
Identity = tuple[str, str, str]  # id, sender, receiver: the same id between others is another one


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept of one sender or receiver. What is beyond them is forgotten."""

    lateness: timedelta = timedelta(hours=1)  # of a payment, behind the sender's newest
    recent: int = 1_000  # payments within reach of the window; those made first are forgotten
    beneficiaries: int = 60  # the one that was not paid for longest is forgotten
    payers: int = 100  # who paid last the longest ago is forgotten: more is fan-in all the same


BOUNDS: Final = Bounds()


@dataclass(slots=True)
class _Sender:
    amounts: RunningMean = field(default_factory=RunningMean)
    recent: list[tuple[datetime, int]] = field(default_factory=list)  # by time and arrival; cents
    beneficiaries: OrderedDict[str, int] = field(default_factory=OrderedDict)  # first paid, second


@dataclass(slots=True)
class _Receiver:
    payers: dict[str, datetime] = field(default_factory=dict)  # when each paid last


class MemoryHistory:
    """What one process has seen. Bounded: who was not heard of for longest is forgotten."""

    def __init__(
        self,
        window: timedelta,
        *,
        bounds: Bounds = BOUNDS,
        most_parties: int = MOST_PARTIES,
    ) -> None:
        self._window = window
        self._reach = window + bounds.lateness
        self._most, self._bounds = most_parties, bounds
        self._lock = Lock()
        self._senders: OrderedDict[str, _Sender] = OrderedDict()
        self._receivers: OrderedDict[str, _Receiver] = OrderedDict()
        self._snapshots: OrderedDict[Identity, Snapshot] = OrderedDict()
        self._habits = HabitBook(most_parties)

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each in turn; a repeated id changes nothing and gets its first snapshot."""
        with self._lock:
            return [self._recorded(payment) for payment in batch]

    def check(self) -> None:
        """It is in this process: it answers."""

    def label(self, batch: Sequence[Labelled]) -> None:
        """Learn what payments turned out to be."""
        with self._lock:
            for each in batch:
                fraud = None if each.standing is None else each.standing is Finding.FRAUD
                self._habits.label(each.transaction, each.label.written_at, fraud=fraud)

    def rebuild(self, payments: Iterable[Transaction]) -> int:
        """Forget everything, then record payments that were kept, in the order in which they came.

        Answers how many. Reading them begins when everything is forgotten.
        """
        with self._lock:
            for forgotten in (self._senders, self._receivers, self._snapshots):
                forgotten.clear()
            self._habits.clear()
        count = 0
        for payment in payments:
            self.record([payment])
            count += 1
        return count

    def _recorded(self, payment: Transaction) -> Snapshot:
        identity = (payment.id, payment.sender_id, payment.receiver_id)
        snapshot = self._snapshots.get(identity)
        if snapshot is not None:
            return _with(snapshot, self._habits.before(payment))
        snapshot = self._snapshots[identity] = self._record(payment)
        if len(self._snapshots) > MOST_SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return _with(snapshot, self._habits.record(payment))

    def _record(self, payment: Transaction) -> Snapshot:
        sender = _entry(self._senders, payment.sender_id, _Sender, self._most)
        receiver = _entry(self._receivers, payment.receiver_id, _Receiver, self._most)
        snapshot = Snapshot(
            velocity=self._velocity(sender.recent, payment),
            sender=SenderProfile.of(sender.amounts.count, sender.amounts.mean, ()),
            receiver=ReceiverProfile(
                new_for_sender=self._is_new(sender.beneficiaries, payment),
                senders_24h=self._fan_in(receiver.payers, payment),
            ),
        )
        sender.amounts = sender.amounts.with_amount(float(payment.amount.amount))
        return snapshot

    def _velocity(
        self, recent: list[tuple[datetime, int]], payment: Transaction
    ) -> VelocitySnapshot:
        """Add the payment; count the window (t - w, t] that ends with it."""
        at = payment.occurred_at
        insort(recent, (at, payment.amount.cents), key=_moment)
        first = bisect_right(recent, at - self._window, key=_moment)
        last = bisect_right(recent, at, key=_moment)
        inside = recent[first:last]
        total = Decimal(sum(cents for _, cents in inside)).scaleb(-2)
        out_of_reach = bisect_left(recent, recent[-1][0] - self._reach, key=_moment)
        del recent[: max(out_of_reach, len(recent) - self._bounds.recent)]
        return VelocitySnapshot(len(inside), total, int(self._window.total_seconds()))

    def _is_new(self, beneficiaries: OrderedDict[str, int], payment: Transaction) -> bool:
        """Add the beneficiary; tell whether it was first paid less than a cooling-off ago."""
        name, second = payment.receiver_id, int(payment.occurred_at.timestamp())
        first = min(beneficiaries.get(name, second), second)
        beneficiaries[name] = first
        beneficiaries.move_to_end(name)
        if len(beneficiaries) > self._bounds.beneficiaries:
            beneficiaries.popitem(last=False)
        return second - first < COOLING_OFF_SECONDS

    def _fan_in(self, payers: dict[str, datetime], payment: Transaction) -> int:
        """Add the payer; count those who paid in the 24 hours before this payment, or later."""
        name, at = payment.sender_id, payment.occurred_at
        payers[name] = max(payers.get(name, at), at)
        if len(payers) > self._bounds.payers:
            del payers[min(payers, key=payers.__getitem__)]
        since = at - FAN_IN_WINDOW
        return sum(1 for latest in payers.values() if latest > since)


_moment: Final = itemgetter(0)


def _with(snapshot: Snapshot, habits: Habits) -> Snapshot:
    """The same with what its two accounts did before, which says what the sender usually pays."""
    sender = snapshot.sender
    usual = SenderProfile.of(sender.payments, sender.mean, habits.sender.amounts)
    return replace(snapshot, sender=usual, habits=habits)


def _entry(states: OrderedDict[str, State], key: str, fresh: type[State], most: int) -> State:
    state = states.get(key)
    if state is None:
        state = states[key] = fresh()
        if len(states) > most:
            states.popitem(last=False)
    else:
        states.move_to_end(key)
    return state
