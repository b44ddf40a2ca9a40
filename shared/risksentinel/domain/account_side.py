"""AccountSide: the stored state of an account as payer, or as payee.

A payment counts in the flow and in the habits as soon as it is recorded. A payment that is not
approved is removed from the habits before its verdict is committed: a declined one permanently, one
under review until it is cleared. So an attack never becomes a habit.

All state is byte strings of fixed-size entries, little-endian, so that scripts in Redis can do the
same (adapters/redis).

    habits         see party_state; 64 more payments than are read are stored, so that an attack
                   whose payments are added and removed evicts no habit
    ordered        the device digest of each of these payments, 4 bytes; only as payer
    flow           see flow
    held           payments under review, 24 bytes each: the habits' entry, the device's digest
    beneficiaries  8 bytes each, the latest paid at the end: digest, second of the first payment
    devices        8 bytes each, like beneficiaries: the devices that ordered payments; 64
                   more than a person has, so that an attack evicts none
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final, NamedTuple

from risksentinel.domain.account_summary import AccountSummary
from risksentinel.domain.flow import (
    ENTRY,
    IDENTITY,
    KEPT_SECONDS,
    MAX_PAID,
    MAX_RECEIVED,
    MICROSECONDS,
    flow_around_party,
    microsecond_in,
    microsecond_of,
)
from risksentinel.domain.known_list import KNOWN, NO_DEVICE, first_of, seen, without_first
from risksentinel.domain.party_state import (
    IDENTITY_OF_PAYMENT,
    LATEST_SECOND,
    MAX_PAYMENTS,
    PAYMENT,
    SECONDS_A_DAY,
    PartyState,
    around_party,
    party_digest,
    payment_digest,
    place_of,
    taken_out,
    with_day,
)
from risksentinel.domain.transaction import Transaction

MAX_HABITS: Final = 2 * MAX_PAYMENTS
MAX_HELD: Final = 64
MAX_DEVICES: Final = 16 + MAX_PAYMENTS
DEVICE: Final = Struct("<I")
_HELD: Final = PAYMENT.size + DEVICE.size
_SECOND: Final = slice(0, 4)
_PARTY: Final = slice(8, 12)
_NO_HABITS: Final = PartyState()
_AT, _TO = 0, 2  # where an unpacked payment has its second and its other account
_SPARE: Final = 16  # a list that is more than 15/16 full may be incomplete


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many entries are stored for one account; the oldest entries above that are removed.

    `paid` and `received` are payments of the last 30 days (26 bytes each), `beneficiaries` those
    that one sender pays (8 bytes each).
    """

    paid: int = MAX_PAID
    received: int = MAX_RECEIVED
    beneficiaries: int = 2_000


BOUNDS: Final = Bounds()


class Recording(NamedTuple):
    """One payment in the state of one of its accounts."""

    entry: bytes  # of the habits
    flowing: bytes  # of the flow
    rand: float
    device: bytes  # digest of the device; zeros if the payment states none
    max_flow: int
    max_beneficiaries: int  # 0: this side stores none

    @classmethod
    def both(cls, payment: Transaction, bounds: Bounds) -> "tuple[Recording, Recording]":
        """Return the payment for the state of its sender and for that of its receiver."""
        sender, receiver = payment.sender_id, payment.receiver_id
        device = NO_DEVICE if payment.device_id is None else party_digest(payment.device_id)
        at, rand = microsecond_of(payment), float(payment.amount.amount)
        second = min(at // MICROSECONDS, LATEST_SECOND)
        payer, payee, itself = party_digest(sender), party_digest(receiver), payment_digest(payment)
        start, end = around_party(payment, itself, second, rand)
        begin, close = flow_around_party(payment, itself, at)
        paying = (start + payee + end, begin + payee + close)
        receiving = (start + payer + end, begin + payer + close)
        return (
            cls(*paying, rand, device, bounds.paid, bounds.beneficiaries),
            cls(*receiving, rand, NO_DEVICE, bounds.received, 0),
        )


class AccountSide(NamedTuple):
    """One side of one account; empty for an account without payments.

    `taught` counts present and former habits, `first` and `last` are seconds since 1970.
    """

    habits: PartyState = _NO_HABITS
    flow: bytes = b""
    held: bytes = b""
    taught: int = 0
    first: int = 0
    last: int = 0
    beneficiaries: bytes = b""
    devices: bytes = b""
    ordered: bytes = b""

    def known(self, of: Recording) -> AccountSummary:
        """Return the state of the account before this payment."""
        size, most = len(self.beneficiaries) // KNOWN.size, of.max_beneficiaries
        first = first_of(self.beneficiaries, of.entry[_PARTY])
        return AccountSummary(
            self.taught,
            self.first,
            self.last,
            first,
            int(not first and 0 < most <= size + most // _SPARE),
            0 if of.device == NO_DEVICE else first_of(self.devices, of.device),
        )

    def recorded(self, of: Recording) -> "AccountSide":
        """Return the side with the payment, which counts as a habit until it is withheld."""
        second = int.from_bytes(of.entry[_SECOND], "little")
        return self._taught(of, flow_with(self.flow, of), max(self.last, second), self.held)

    def withheld(self, entry: bytes, device: bytes, rand: float, *, review: bool) -> "AccountSide":
        """Return the side without this payment in its habits; under review, it may be added again.

        If the payment was the first one of all, to its beneficiary or from its device, the first
        remaining payment takes its place.
        """
        place = place_of(self.habits.payments, entry[IDENTITY_OF_PAYMENT], PAYMENT.size, 12)
        if place is None:
            return self
        habits = self.habits.without_payment(entry, rand)
        ordered = taken_out(self.ordered, place // PAYMENT.size * DEVICE.size, DEVICE.size)
        second, party = int.from_bytes(entry[_SECOND], "little"), entry[_PARTY]
        left = _Left(habits.payments, ordered)
        return self._replace(
            habits=habits,
            ordered=ordered,
            taught=max(0, self.taught - 1),
            first=left.first(self.first, second, max(0, self.taught - 1)),
            beneficiaries=without_first(self.beneficiaries, party, second, left.to(party)),
            devices=without_first(self.devices, device, second, left.by(device)),
            held=(self.held + entry + device)[-MAX_HELD * _HELD :] if review else self.held,
        )

    def cleared(self, entry: bytes, rand: float, max_beneficiaries: int) -> "AccountSide":
        """Return the side after a payment under review was found genuine and became a habit."""
        place = place_of(self.held, entry[IDENTITY_OF_PAYMENT], _HELD, 12)
        if place is None:
            return self
        kept = self.held[place : place + _HELD]
        of = Recording(kept[: PAYMENT.size], b"", rand, kept[PAYMENT.size :], 0, max_beneficiaries)
        return self._taught(of, self.flow, self.last, taken_out(self.held, place, _HELD))

    def labelled(self, label: bytes, of: Recording, *, fraud: bool | None) -> "AccountSide":
        """Return the side with the label of a payment, or without it if `fraud` is None.

        A payment under review that was genuine becomes a habit.
        """
        habits = self.habits
        changed = habits.without_label(label) if fraud is None else habits.with_label(label)
        side = self._replace(habits=changed)
        return side.cleared(of.entry, of.rand, of.max_beneficiaries) if fraud is False else side

    def before(self, of: Recording) -> "AccountSide":
        """Return the side without this payment and all later entries, if the payment is stored."""
        place = place_of(self.flow, of.flowing[IDENTITY], ENTRY.size, IDENTITY.start)
        return self._replace(habits=self.habits.before(of.entry), flow=self.flow[:place])

    def _taught(self, of: Recording, flow: bytes, last: int, held: bytes) -> "AccountSide":
        entry, _, rand, device, _, max_beneficiaries = of
        second = int.from_bytes(entry[_SECOND], "little")
        days = with_day(self.habits.days, second // SECONDS_A_DAY, rand)
        payments = (self.habits.payments + entry)[-MAX_HABITS * PAYMENT.size :]
        beneficiaries, devices, ordered = self.beneficiaries, self.devices, self.ordered
        if max_beneficiaries:
            beneficiaries = seen(beneficiaries, entry[_PARTY], second, max_beneficiaries)
            devices = seen(devices, device, second, MAX_DEVICES)
            ordered = (ordered + device)[-MAX_HABITS * DEVICE.size :]
        return AccountSide(
            PartyState(payments, days, self.habits.labels),
            flow,
            held,
            self.taught + 1,
            min(self.first or second, second),
            last,
            beneficiaries,
            devices,
            ordered,
        )


class _Left(NamedTuple):
    """The remaining habits after a payment was removed, and the devices that ordered them."""

    payments: bytes
    ordered: bytes

    def first(self, before: int, second: int, taught: int) -> int:
        """Return the second of the first payment after one of that second was removed."""
        seconds = [each[_AT] for each in PAYMENT.iter_unpack(self.payments)]
        if not taught:
            return 0
        return min(seconds, default=0) if before == second and taught <= len(seconds) else before

    def to(self, party: bytes) -> list[int]:
        """Return the seconds of the payments to the other account."""
        named = int.from_bytes(party, "little")
        return [each[_AT] for each in PAYMENT.iter_unpack(self.payments) if each[_TO] == named]

    def by(self, device: bytes) -> list[int]:
        """Return the seconds of the payments that the device ordered."""
        (named,) = DEVICE.unpack(device)
        devices = DEVICE.iter_unpack(self.ordered)
        pairs = zip(PAYMENT.iter_unpack(self.payments), devices, strict=False)
        return [each[_AT] for each, (digest,) in pairs if digest == named]


def flow_with(flow: bytes, of: Recording) -> bytes:
    """Return the flow with the payment, within its bounds of time and length."""
    return _within_reach(flow + of.flowing)[-of.max_flow * ENTRY.size :]


def _within_reach(flow: bytes) -> bytes:
    """Return the flow without the entries that are 31 days older than its newest entry."""
    start, since = 0, microsecond_in(flow[-ENTRY.size :]) - KEPT_SECONDS * MICROSECONDS
    while start < len(flow) and microsecond_in(flow[start : start + 8]) <= since:
        start += ENTRY.size
    return flow[start:] if start else flow
