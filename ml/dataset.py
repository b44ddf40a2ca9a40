"""Dataset: payments in order of time, with their labels and the times at which they were known."""

from collections.abc import Callable, Iterable, Sequence
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

UNKNOWN: Final = -1  # in `fraud`: the label is not known yet
Integers = npt.NDArray[np.int64]
Keep = Callable[[Iterable[Transaction], Integers], Sequence[Transaction]]


@dataclass(frozen=True, slots=True)
class Dataset:
    """`fraud` is 1, 0 or UNKNOWN; all times are seconds since 1970 in UTC.

    Labels are complete up to the time `complete_until`: later, frauds are known already and genuine
    payments are not, so a comparison of both is worthless. `decisions` are those of the file, with
    None for a payment without one; a backfill decides those.
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
        """The same payments, with each label known no sooner than `delay` after its payment."""
        known_at = np.maximum(self.known_at, self.at + int(delay.total_seconds()))
        return replace(self, known_at=known_at)

    def known_by(self, second: int) -> npt.NDArray[np.bool_]:
        """The payments whose labels a model may learn from at that second.

        These are the frauds known by then, and all genuine payments: hardly any source reports the
        time at which a payment turned out to be genuine.
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
        """A digest of everything that a model can learn from."""
        return self.digest(np.ones(len(self), dtype=np.bool_))

    def digest(self, chosen: npt.NDArray[np.bool_]) -> str:
        """A digest of the chosen payments and their labels."""
        digest = sha256()
        for part in (self.at, self.fraud, self.known_at):
            digest.update(part[chosen].tobytes())
        for place in np.flatnonzero(chosen).tolist():
            payment = self.payments[place]
            decided = None if self.decisions is None else self.decisions[place]
            fields = (
                *payment.identifying_fields[1:],  # a payment's id teaches nothing
                payment.device_id,
                payment.sim_swapped_at,
                payment.beneficiary_added_at,
                decided,
            )
            digest.update("|".join(map(str, fields)).encode())
        return digest.hexdigest()


def dataset(
    payments: Sequence[Transaction],
    fraud: Sequence[int],
    known_at: Any,  # noqa: ANN401 - a sequence, or an array
    complete_until: int | None = None,
    decisions: Sequence[Decision | None] | None = None,
) -> Dataset:
    """Sort payments by time; without `complete_until` all labels are complete.

    Raises:
        Malformed: there are no payments.
    """
    at = np.array([int(payment.occurred_at.timestamp()) for payment in payments], dtype=np.int64)
    labels, known = np.array(fraud, dtype=np.int8), np.array(known_at, dtype=np.int64)
    return sorted_dataset(
        at,
        payments,
        fraud=labels,
        known_at=known,
        complete_until=complete_until,
        decisions=decisions,
    )


def sorted_dataset(  # noqa: PLR0913 - one parameter a column
    at: Integers,
    payments: Iterable[Transaction],
    *,
    fraud: npt.NDArray[np.int8],
    known_at: Integers,
    complete_until: int | None = None,
    decisions: Sequence[Decision | None] | None = None,
    keep: Keep | None = None,
) -> Dataset:
    """Sort payments by the seconds `at`; `keep` stores them in another place than in a list.

    A label is known at least a second after its payment, so that no payment is scored with its own.

    Raises:
        Malformed: there are no payments.
    """
    if not len(at):
        raise Malformed("there are no payments: give a file with some")
    order = np.argsort(at, kind="stable")
    return Dataset(
        (keep or _in_memory)(payments, order),
        at[order],
        fraud[order],
        np.maximum(known_at, at + 1)[order],
        int(at.max()) if complete_until is None else complete_until,
        None if decisions is None else [decisions[place] for place in order],
    )


def _in_memory(payments: Iterable[Transaction], order: Integers) -> Sequence[Transaction]:
    every = list(payments)
    return [every[place] for place in order]
