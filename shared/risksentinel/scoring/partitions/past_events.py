"""Past payments and labels in one order, and the partition of an account."""

from dataclasses import dataclass
from datetime import datetime

from risksentinel.domain.party_state import party_digest
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision


@dataclass(frozen=True, slots=True)
class PastPayment:
    """A payment; `order` is its place among all payments and labels, `at` when it was received.

    A `given` decision stands, whatever the policy decides. With `never_late` the time between the
    payment and its receipt does not count: it was imported. `fraud` is what is known of it today,
    which no decision reads; None is unknown.
    """

    order: int
    payment: Transaction
    at: datetime
    given: Decision | None = None
    never_late: bool = False
    fraud: bool | None = None


@dataclass(frozen=True, slots=True)
class PastLabel:
    """A label of an earlier payment, whose order is `of`; known from `known_at` on.

    `fraud` None withdraws the label. One that `only_clears` does nothing but make a payment under
    review a habit, if the payment is genuine: rates of fraud then count payments by their age.
    """

    order: int
    of: int
    payment: Transaction
    known_at: datetime
    fraud: bool | None
    only_clears: bool = False

    def applies(self, decision: Decision | None) -> bool:
        """Return whether the label changes the state of an account, after that decision."""
        return not self.only_clears or bool(self.fraud) or decision is Decision.REVIEW


PastEvent = PastPayment | PastLabel


def partition_of(account: str, partitions: int) -> int:
    """Return the partition of an account, from 0; the same on every machine."""
    return int.from_bytes(party_digest(account), "little") % partitions
