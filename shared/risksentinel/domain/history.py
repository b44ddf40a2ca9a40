"""The state of the sender and of the receiver at the time of a payment."""

from collections.abc import Callable, Iterable
from dataclasses import field, replace
from decimal import Decimal
from typing import Final, NamedTuple

from risksentinel.domain.account_side import AccountSide
from risksentinel.domain.account_summary import NOTHING_KNOWN, AccountSummary
from risksentinel.domain.checked_value import checked_value
from risksentinel.domain.flow import NO_FLOW, Flow, microsecond_in
from risksentinel.domain.party_state import (
    PAYMENT,
    PartyState,
    party_digest,
    payment_entry,
    second_of,
)
from risksentinel.domain.sender_profile import SenderProfile
from risksentinel.domain.transaction import Transaction

# For a day after the first payment the beneficiary is still new, so that a payment by deception
# does not make its beneficiary known. The same applies to the device of a takeover.
COOLING_OFF_SECONDS: Final = 24 * 60 * 60
A_DAY_SECONDS: Final = 24 * 60 * 60
_AT, _TO = 0, 2  # indexes of the second and of the other account in an unpacked payment


@checked_value
class VelocitySnapshot:
    """The sender's payments in the window that ends with this payment, which is included."""

    count: int
    total: Decimal
    window_seconds: int


@checked_value
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


@checked_value
class Snapshot:
    """The state of the accounts of one payment when the payment was recorded.

    `habits` are the latest 64 payments, `kept` all stored payments, for `without`. `paid` are the
    sender's payments, this payment included, `got` the payments to the sender before it, and
    `received` the payments to the receiver, this payment included. `answers` are what was computed
    from the habits so far, by name: the receipt has them.
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
    answers: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def answer(self, name: str, compute: Callable[[], int]) -> int:
        """Return what is computed from the habits; a second question does not compute again."""
        if name not in self.answers:
            self.answers[name] = compute()
        return self.answers[name]


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
    device_before: int = 0,
) -> Snapshot:
    """Return the snapshot without earlier payments of the same batch in the habits.

    A batch is recorded before its payments are decided; a payment that was not approved must not be
    a habit for the later ones. `approved` are the other earlier payments of the batch.
    `device_before` is the second of the device's first payment before the batch; 0 without one.
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
        first = _first_from_device(payment, approved, device_before)
        known = known._replace(device_first=first)
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


def _first_from_device(payment: Transaction, approved: Iterable[Transaction], before: int) -> int:
    used = [
        second_of(other.occurred_at)
        for other in approved
        if other.sender_id == payment.sender_id and other.device_id == payment.device_id
    ]
    return min([*used, before] if before else used, default=0)


def _rand(payment: Transaction) -> float:
    return float(payment.amount.amount)
