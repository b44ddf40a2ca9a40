"""Observation: the input of a rule: a payment, its history and its list memberships."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from risksentinel.domain.history import Snapshot
from risksentinel.domain.named_list import NO_LISTS, Memberships
from risksentinel.domain.transaction import Transaction


# No slots: calculated values are cached in the instance for the next rule.
@dataclass(frozen=True)
class Observation:
    """`snapshot` is None if the history did not answer; its fields are then unknown.

    `lists` are the memberships of the payment's texts in named lists.
    """

    transaction: Transaction
    snapshot: Snapshot | None
    lists: Memberships = NO_LISTS

    @cached_property
    def local_time(self) -> datetime:
        """The time of the payment in South Africa."""
        return self.transaction.local_time

    @cached_property
    def z_score(self) -> float | None:
        """The z-score of the amount for the sender; None without enough history."""
        if self.snapshot is None:
            return None
        return self.snapshot.sender.z_score(self.transaction.amount)
