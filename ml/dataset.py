"""Dataset: payments in order, with what they turned out to be and when that became known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Malformed

UNKNOWN: Final = -1  # in `fraud`: nobody can know yet
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Dataset:
    """`fraud` is 1, 0 or UNKNOWN; all times are seconds since 1970 in UTC.

    `complete_until` is the last payment up to which every label is known that ever will be: later
    on frauds are known already and genuine payments are not, so to compare them teaches nothing.
    `decisions` are what was decided of each payment, where the file says so; else a replay decides.
    """

    payments: Sequence[Transaction]
    at: Integers
    fraud: npt.NDArray[np.int8]
    known_at: Integers
    complete_until: int
    decisions: Sequence[Decision | None] | None = None

    def __len__(self) -> int:
        """How many payments there are."""
        return len(self.payments)

    def with_delay(self, delay: timedelta) -> "Dataset":
        """The same payments, each label known so long after its payment at the soonest."""
        known_at = np.maximum(self.known_at, self.at + int(delay.total_seconds()))
        return replace(self, known_at=known_at)

    def known_by(self, second: int) -> npt.NDArray[np.bool_]:
        """The payments whose labels may teach at that second.

        Frauds that were known by then, and what is genuine by hindsight: nobody says of a genuine
        payment when it became known, and those that do are few.
        """
        known = (self.fraud == 0) | ((self.fraud == 1) & (self.known_at <= second))
        return np.asarray(known, dtype=np.bool_)

    def with_amounts_times(self, factor: float) -> "Dataset":
        """The same payments in another unit of money, to the cent."""
        if factor == 1:
            return self
        payments = [
            replace(payment, amount=Money.of_cents(round(payment.amount.cents * factor)))
            for payment in self.payments
        ]
        return replace(self, payments=payments)

    @property
    def sha256(self) -> str:
        """A digest of all that a model can learn from."""
        return self.digest(np.ones(len(self), dtype=np.bool_))

    def digest(self, chosen: npt.NDArray[np.bool_]) -> str:
        """A digest of some of the payments and of what is known of them."""
        digest = sha256()
        for part in (self.at, self.fraud, self.known_at):
            digest.update(part[chosen].tobytes())
        for place in np.flatnonzero(chosen).tolist():
            payment = self.payments[place]
            decided = None if self.decisions is None else self.decisions[place]
            told = (
                *payment.identifying_fields[1:],  # a payment's id teaches nothing
                payment.device_id,
                payment.sim_swapped_at,
                payment.beneficiary_added_at,
                decided,
            )
            digest.update("|".join(map(str, told)).encode())
        return digest.hexdigest()


def dataset(
    payments: Sequence[Transaction],
    fraud: Sequence[int],
    known_at: Any,  # noqa: ANN401 - a sequence, or an array
    complete_until: int | None = None,
    decisions: Sequence[Decision | None] | None = None,
) -> Dataset:
    """Put payments in the order of their times; their labels are complete unless told otherwise.

    A label is known a second after its payment at the soonest: no payment is judged by its own.

    Raises:
        Malformed: there are none.
    """
    if not payments:
        raise Malformed("there are no payments: give a file with some")
    at = np.array([int(payment.occurred_at.timestamp()) for payment in payments], dtype=np.int64)
    order = np.argsort(at, kind="stable")
    return Dataset(
        [payments[place] for place in order],
        at[order],
        np.array(fraud, dtype=np.int8)[order],
        np.maximum(np.array(known_at, dtype=np.int64), at + 1)[order],
        int(at.max()) if complete_until is None else complete_until,
        None if decisions is None else [decisions[place] for place in order],
    )
