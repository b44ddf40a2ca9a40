"""Observation: a payment and what is known around it, as rules see it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from risksentinel.domain.history import Snapshot
from risksentinel.domain.named_list import NO_LISTS, Memberships
from risksentinel.domain.transaction import Transaction


# No slots: what costs a calculation is kept in the instance, for the next rule that asks for it.
@dataclass(frozen=True)
class Observation:
    """`snapshot` is None where the history did not answer: fields of it are then unknown.

    `lists` says which named lists have the payment's texts.
    """

    transaction: Transaction
    snapshot: Snapshot | None
    lists: Memberships = NO_LISTS

    @cached_property
    def local_time(self) -> datetime:
        """When the payment was made, by South African clocks."""
        return self.transaction.local_time

    @cached_property
    def z_score(self) -> float | None:
        """How unusual the amount is for the sender; None without enough history."""
        if self.snapshot is None:
            return None
        return self.snapshot.sender.z_score(self.transaction.amount)
