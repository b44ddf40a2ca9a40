"""Observation: the input of a rule: a payment, its history and its list memberships."""

from dataclasses import dataclass, field
from datetime import datetime

from risksentinel.domain.history import Snapshot
from risksentinel.domain.named_list import NO_LISTS, Memberships
from risksentinel.domain.transaction import Transaction


@dataclass(slots=True, unsafe_hash=True)  # not frozen: the local time is cached for the next rule
class Observation:
    """`snapshot` is None if the history did not answer; its fields are then unknown.

    `lists` are the memberships of the payment's texts in named lists.
    """

    transaction: Transaction
    snapshot: Snapshot | None
    lists: Memberships = NO_LISTS
    _local_time: datetime | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def local_time(self) -> datetime:
        """The time of the payment in South Africa."""
        if self._local_time is None:
            self._local_time = self.transaction.local_time
        return self._local_time

    @property
    def z_score(self) -> float | None:
        """The z-score of the amount for the sender; None without enough history."""
        if self.snapshot is None:
            return None
        return self.snapshot.sender.z_score(self.transaction.amount)
