"""What is known about the sender and the receiver at the time of a payment."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, NamedTuple, Self

from risksentinel.domain.account_side import NOTHING_KNOWN, AccountSide, Known
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

MIN_PAYMENTS: Final = 5  # a deviation from fewer says more about chance than about the sender
# The interquartile range of normally distributed amounts, in standard deviations: what divides it
# is the pseudo-sigma of Hoaglin, Mosteller and Tukey (1983).
_QUARTILES_APART: Final = 1.349
_MIN_DEVIATION_SHARE: Final = 0.05
_CENT: Final = 0.01
# A payment that the payer was tricked into must not make its beneficiary a known one: for a day
# after the first payment the beneficiary is still new. Likewise the device of a takeover.
COOLING_OFF_SECONDS: Final = 24 * 60 * 60
A_DAY_SECONDS: Final = 24 * 60 * 60
_AT, _TO = 0, 2  # where an unpacked payment has its second and its other account


@dataclass(frozen=True, slots=True)
class VelocitySnapshot:
    """The sender's payments in the window that ends with this one, this one included."""

    count: int
    total: Decimal
    window_seconds: int


@dataclass(frozen=True, slots=True)
class SenderProfile:
    """What the sender paid before this payment, declined and uncleared payments left out.

    `payments` counts all of them. Mean, median and deviation are of the latest 64, in rand with
    four decimals: a few large payments do not move the median, so that a second fraud is as
    unusual as the first one was. `settled` is the number of those that are older than a day, with
    their median and largest amount: what a fraud got through today is no habit today.
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
        """From the number of all payments, and the latest amounts in rand, in any order.

        A sender who always pays the same has no deviation: at least 5 % of the median are taken,
        so that a cent more is no anomaly.
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
        """How many deviations the amount lies above the median; None before enough history."""
        if self.payments < MIN_PAYMENTS:
            return None
        return round((float(amount.amount) - self.median) / self.deviation, 4)


def _quantile(ordered: list[float], share: float) -> float:
    """The value below which that share lies, interpolated; 0 where there is none."""
    if not ordered:
        return 0.0
    place = (len(ordered) - 1) * share
    lower = int(place)
    low, high = ordered[lower], ordered[min(lower + 1, len(ordered) - 1)]
    return low + (high - low) * (place - lower)


@dataclass(frozen=True, slots=True)
class ReceiverProfile:
    """The receiver, as this sender and the last 24 hours know it, this payment included.

    It is new for a sender whose first payment to it is less than 24 hours old; None where the
    sender pays so many that not all of them are kept.
    """

    new_for_sender: bool | None
    senders_24h: int


class Habits(NamedTuple):
    """What came before one payment: of its sender as a payer, of its receiver as a payee."""

    sender: PartyState
    receiver: PartyState


NEVER_HEARD_OF: Final = Habits(PartyState(), PartyState())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state around one payment, taken in the moment that the payment was recorded.

    `habits` are the latest 64 payments and `kept` those behind them as well, for `without`. `paid`
    is what the sender paid, this payment included, `got` what the sender was paid before, and
    `received` what the receiver was paid, this payment included.
    """

    velocity: VelocitySnapshot
    sender: SenderProfile
    receiver: ReceiverProfile
    habits: Habits = NEVER_HEARD_OF
    known: Known = NOTHING_KNOWN
    paid: Flow = NO_FLOW
    got: Flow = NO_FLOW
    received: Flow = NO_FLOW
    kept: Habits = NEVER_HEARD_OF


class Around(NamedTuple):
    """What the two accounts of one payment kept before it."""

    known: Known
    sender: AccountSide
    receiver: AccountSide
    got: bytes  # the sender's flow as the one that is paid
    entries: tuple[bytes, bytes]  # the payment in the sender's flow, and in the receiver's


def snapshot_of(payment: Transaction, around: Around, window_seconds: int) -> Snapshot:
    """The state around a payment, from what its accounts kept before it."""
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


def _profile(payment: Transaction, known: Known, sender: PartyState) -> SenderProfile:
    until = second_of(payment.occurred_at) - COOLING_OFF_SECONDS
    latest, settled = sender.amounts_until(until)
    return SenderProfile.of(known.payments, latest, settled)


def _is_new(known: Known, payment: Transaction) -> bool | None:
    if not known.party_first:
        return None if known.full else True
    return second_of(payment.occurred_at) - known.party_first < COOLING_OFF_SECONDS


def without(
    snapshot: Snapshot,
    payment: Transaction,
    withheld: Iterable[Transaction],
    approved: Iterable[Transaction] = (),
) -> Snapshot:
    """The state around a payment, had earlier payments of its batch not become habits.

    A batch is recorded before any of it is decided; what was not approved must not be a habit of
    those that follow. `approved` are the other earlier payments of the batch.
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


def _less(known: Known, left: PartyState, payment: Transaction, other: Transaction) -> Known:
    """What the sender knows without another payment of it, of which these habits are left."""
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
