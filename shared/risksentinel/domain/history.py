"""The state of the sender and of the receiver at the time of a payment."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, NamedTuple, Self

from risksentinel.domain.account_side import NOTHING_KNOWN, AccountSide, AccountSummary
from risksentinel.domain.flow import NO_FLOW, Flow, microsecond_in
from risksentinel.domain.money import Money
from risksentinel.domain.party_state import (
    PAYMENT,
    PartyState,
    party_digest,
    payment_entry,
    second_of,
)
from risksentinel.domain.transaction import Transaction

MIN_PAYMENTS: Final = 5  # a deviation of fewer payments is mostly chance
# The interquartile range of normally distributed amounts, in standard deviations: an interquartile
# range divided by it is the pseudo-sigma of Hoaglin, Mosteller and Tukey (1983).
_QUARTILES_APART: Final = 1.349
_MIN_DEVIATION_SHARE: Final = 0.05
_CENT: Final = 0.01
# For a day after the first payment the beneficiary is still new, so that a payment by deception
# does not make its beneficiary known. The same applies to the device of a takeover.
COOLING_OFF_SECONDS: Final = 24 * 60 * 60
A_DAY_SECONDS: Final = 24 * 60 * 60
_AT, _TO = 0, 2  # indexes of the second and of the other account in an unpacked payment


@dataclass(frozen=True, slots=True)
class VelocitySnapshot:
    """The sender's payments in the window that ends with this payment, which is included."""

    count: int
    total: Decimal
    window_seconds: int


@dataclass(frozen=True, slots=True)
class SenderProfile:
    """The sender's approved and cleared payments before this payment.

    `payments` counts all of them. Mean, median and deviation are of the latest 64, in rand with
    four decimals: a few large payments do not change the median, so that a second fraud is as
    unusual as the first. `settled` is the number of those that are older than a day, with their
    median and largest amount, so that a fraud of today is not a habit today.
    """

    payments: int
    mean: float
    median: float
    deviation: float
    settled: int = 0
    settled_median: float = 0.0
    settled_largest: float = 0.0

    @classmethod
    def of(cls, payments: int, latest: Iterable[float], settled: Iterable[float] = ()) -> Self:
        """Return the profile for the number of all payments and the latest amounts in rand.

        The deviation is at least 5 % of the median, so that one cent more is not an anomaly for a
        sender who always pays the same amount.
        """
        ordered = sorted(latest)
        if not ordered:
            return cls(payments, 0.0, 0.0, _CENT)
        old, median = sorted(settled), _quantile(ordered, 0.5)
        apart = _quantile(ordered, 0.75) - _quantile(ordered, 0.25)
        deviation = max(apart / _QUARTILES_APART, _MIN_DEVIATION_SHARE * median, _CENT)
        mean = sum(ordered) / len(ordered)
        return cls(
            payments,
            round(mean, 4),
            round(median, 4),
            round(deviation, 4),
            len(old),
            round(_quantile(old, 0.5), 4) if old else 0.0,
            round(old[-1], 4) if old else 0.0,
        )

    def z_score(self, amount: Money) -> float | None:
        """Return the deviations of the amount from the median; None without enough history."""
        if self.payments < MIN_PAYMENTS:
            return None
        return round((float(amount.amount) - self.median) / self.deviation, 4)


def _quantile(ordered: list[float], share: float) -> float:
    """Return the quantile of the share, interpolated; 0 without values."""
    if not ordered:
        return 0.0
    place = (len(ordered) - 1) * share
    lower = int(place)
    low, high = ordered[lower], ordered[min(lower + 1, len(ordered) - 1)]
    return low + (high - low) * (place - lower)


@dataclass(frozen=True, slots=True)
class ReceiverProfile:
    """The receiver, for this sender and over the last 24 hours, this payment included.

    The receiver is new if the sender's first payment to it is less than 24 hours old; None if the
    sender pays more receivers than are stored.
    """

    new_for_sender: bool | None
    senders_24h: int


class Habits(NamedTuple):
    """The stored state before one payment: of its sender as payer, of its receiver as payee."""

    sender: PartyState
    receiver: PartyState


NO_HABITS: Final = Habits(PartyState(), PartyState())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of the accounts of one payment when the payment was recorded.

    `habits` are the latest 64 payments, `kept` all stored payments, for `without`. `paid` are the
    sender's payments, this payment included, `got` the payments to the sender before it, and
    `received` the payments to the receiver, this payment included.
    """

    velocity: VelocitySnapshot
    sender: SenderProfile
    receiver: ReceiverProfile
    habits: Habits = NO_HABITS
    known: AccountSummary = NOTHING_KNOWN
    paid: Flow = NO_FLOW
    got: Flow = NO_FLOW
    received: Flow = NO_FLOW
    kept: Habits = NO_HABITS


class PriorState(NamedTuple):
    """The stored state of the two accounts of one payment before it."""

    known: AccountSummary
    sender: AccountSide
    receiver: AccountSide
    got: bytes  # the sender's flow as payee
    entries: tuple[bytes, bytes]  # the payment in the sender's flow, and in the receiver's


def snapshot_of(payment: Transaction, around: PriorState, window_seconds: int) -> Snapshot:
    """Return the snapshot of a payment from the state of its accounts before it."""
    sender, receiver = around.sender, around.receiver
    paying, receiving = around.entries
    at = microsecond_in(paying)
    paid, received = Flow(sender.flow + paying, at), Flow(receiver.flow + receiving, at)
    velocity = paid.window(window_seconds)
    habits = Habits(sender.habits.latest, receiver.habits.latest)
    return Snapshot(
        velocity=VelocitySnapshot(
            velocity.count, Decimal(velocity.cents).scaleb(-2), window_seconds
        ),
        sender=_profile(payment, around.known, habits.sender),
        receiver=ReceiverProfile(
            new_for_sender=_is_new(around.known, payment),
            senders_24h=received.window(A_DAY_SECONDS).parties,
        ),
        habits=habits,
        known=around.known,
        paid=paid,
        got=Flow(around.got, at),
        received=received,
        kept=Habits(sender.habits, receiver.habits),
    )


def _profile(payment: Transaction, known: AccountSummary, sender: PartyState) -> SenderProfile:
    until = second_of(payment.occurred_at) - COOLING_OFF_SECONDS
    latest, settled = sender.amounts_until(until)
    return SenderProfile.of(known.payments, latest, settled)


def _is_new(known: AccountSummary, payment: Transaction) -> bool | None:
    if not known.party_first:
        return None if known.full else True
    return second_of(payment.occurred_at) - known.party_first < COOLING_OFF_SECONDS


def without(
    snapshot: Snapshot,
    payment: Transaction,
    withheld: Iterable[Transaction],
    approved: Iterable[Transaction] = (),
) -> Snapshot:
    """Return the snapshot without earlier payments of the same batch in the habits.

    A batch is recorded before its payments are decided; a payment that was not approved must not be
    a habit for the later ones. `approved` are the other earlier payments of the batch.
    """
    known, sender, receiver = snapshot.known, snapshot.kept.sender, snapshot.kept.receiver
    by_device = set()
    for other in withheld:
        if other.sender_id == payment.sender_id:
            entry = payment_entry(other, other.receiver_id)
            taken = sender.without_payment(entry, _rand(other))
            if taken is not sender:
                sender, known = taken, _less(known, taken, payment, other)
                if other.device_id == payment.device_id:
                    by_device.add(second_of(other.occurred_at))
        if other.receiver_id == payment.receiver_id:
            entry = payment_entry(other, other.sender_id)
            receiver = receiver.without_payment(entry, _rand(other))
    if known.device_first in by_device:
        known = known._replace(device_first=_first_from_device(payment, approved))
    habits = Habits(sender.latest, receiver.latest)
    return replace(
        snapshot,
        sender=_profile(payment, known, habits.sender),
        receiver=replace(snapshot.receiver, new_for_sender=_is_new(known, payment)),
        habits=habits,
        kept=Habits(sender, receiver),
        known=known,
    )


def _less(
    known: AccountSummary, left: PartyState, payment: Transaction, other: Transaction
) -> AccountSummary:
    """Return the sender's state without another payment; `left` are the remaining habits."""
    second, count = second_of(other.occurred_at), max(0, known.payments - 1)
    paid = list(PAYMENT.iter_unpack(left.payments))
    first, party_first = known.first, known.party_first
    if not count:
        first = 0
    elif first == second and count <= len(paid):
        first = min((each[_AT] for each in paid), default=0)
    if other.receiver_id == payment.receiver_id and party_first == second:
        party = int.from_bytes(party_digest(payment.receiver_id), "little")
        party_first = min((each[_AT] for each in paid if each[_TO] == party), default=0)
    return known._replace(payments=count, first=first, party_first=party_first)


def _first_from_device(payment: Transaction, approved: Iterable[Transaction]) -> int:
    used = (
        second_of(other.occurred_at)
        for other in approved
        if other.sender_id == payment.sender_id and other.device_id == payment.device_id
    )
    return min(used, default=0)


def _rand(payment: Transaction) -> float:
    return float(payment.amount.amount)
