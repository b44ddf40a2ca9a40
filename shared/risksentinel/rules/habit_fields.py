"""Fields from the sender's history: habits, beneficiary, device, ages in seconds."""

from collections import Counter
from decimal import Decimal
from typing import Final

from risksentinel.domain.history import COOLING_OFF_SECONDS, Snapshot
from risksentinel.domain.party_state import PAYMENT, party_digest, second_of
from risksentinel.domain.sender_profile import MIN_PAYMENTS
from risksentinel.domain.transaction import Transaction
from risksentinel.rules.observation import Observation

_A_DAY: Final = 86_400
_ALIKE: Final = 0.1  # of an amount: regular invoices of one supplier differ by less
_PLACES: Final = 4
_RAND, _PARTY = 1, 2


def amount_to_median(observation: Observation) -> float | None:
    """Return amount / sender's median; None with fewer than five habits older than a day."""
    return _times(observation, "settled_median")


def amount_to_largest(observation: Observation) -> float | None:
    """Return amount / sender's largest; None with fewer than five habits older than a day."""
    return _times(observation, "settled_largest")


def paid_to_received(observation: Observation) -> float | None:
    """Return rand paid / rand received by the sender in 24 hours; None if it received nothing."""
    snapshot = observation.snapshot
    if snapshot is None:
        return None
    received = snapshot.got.window(_A_DAY).cents
    return round(snapshot.paid.window(_A_DAY).cents / received, _PLACES) if received else None


def similar_to_other_beneficiary(observation: Observation) -> int | None:
    """Return the largest number of payments of about this amount to one other beneficiary."""
    snapshot, payment = observation.snapshot, observation.transaction
    if snapshot is None:
        return None
    return snapshot.answer("similar", lambda: _most_similar(snapshot, payment))


def _most_similar(snapshot: Snapshot, payment: Transaction) -> int:
    rand = float(payment.amount.amount)
    this = int.from_bytes(party_digest(payment.receiver_id), "little")
    alike: Counter[int] = Counter()
    for entry in PAYMENT.iter_unpack(snapshot.habits.sender.payments):
        if entry[_PARTY] != this and abs(entry[_RAND] - rand) <= _ALIKE * rand:
            alike[entry[_PARTY]] += 1
    return max(alike.values(), default=0)


def device_is_new(observation: Observation) -> bool | None:
    """Return whether the stated device was first used less than 24 hours ago, or never."""
    snapshot, payment = observation.snapshot, observation.transaction
    if snapshot is None or payment.device_id is None:
        return None
    first = snapshot.known.device_first
    return not first or second_of(payment.occurred_at) - first < COOLING_OFF_SECONDS


def since_sim_swap(observation: Observation) -> int | None:
    """Return seconds since the SIM swap; None if the payment states none."""
    swapped = observation.transaction.sim_swapped_at
    return None if swapped is None else _since(observation.transaction, second_of(swapped))


def since_beneficiary_added(observation: Observation) -> int | None:
    """Return seconds since the sender saved the beneficiary; None if the payment states none."""
    added = observation.transaction.beneficiary_added_at
    return None if added is None else _since(observation.transaction, second_of(added))


def since_first_payment(observation: Observation) -> int | None:
    """Return seconds since the account's first payment; None without one."""
    return _since_known(observation, "first")


def since_last_payment(observation: Observation) -> int | None:
    """Return seconds since the account's last payment; None without one."""
    return _since_known(observation, "last")


def since_first_to_beneficiary(observation: Observation) -> int | None:
    """Return seconds since the sender first paid this beneficiary; None without a payment."""
    return _since_known(observation, "party_first")


def since_received(snapshot: Snapshot) -> int | None:
    """Return seconds since the sender last received a payment; None without one in 30 days."""
    return snapshot.got.since_last


def mean(snapshot: Snapshot) -> Decimal | None:
    """Return the mean of the sender's latest payments in rand; None without payments."""
    sender = snapshot.sender
    return Decimal(f"{sender.mean:.2f}") if sender.payments else None


def _times(observation: Observation, figure: str) -> float | None:
    snapshot = observation.snapshot
    if snapshot is None or snapshot.sender.settled < MIN_PAYMENTS:
        return None
    usual: float = getattr(snapshot.sender, figure)
    return round(float(observation.transaction.amount.amount) / max(usual, 0.01), _PLACES)


def _since_known(observation: Observation, name: str) -> int | None:
    if observation.snapshot is None:
        return None
    second: int = getattr(observation.snapshot.known, name)
    return _since(observation.transaction, second) if second else None


def _since(payment: Transaction, second: int) -> int:
    return max(0, second_of(payment.occurred_at) - second)
