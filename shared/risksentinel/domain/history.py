"""What is known about the sender and the receiver at the time of a payment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final, Self

from risksentinel.domain.habits import NEVER_HEARD_OF, Habits
from risksentinel.domain.money import Money

LEAST_PAYMENTS: Final = 5  # a deviation from fewer says more about chance than about the sender
# The interquartile range of normally distributed amounts, in standard deviations: what divides it
# is the pseudo-sigma of Hoaglin, Mosteller and Tukey (1983).
_QUARTILES_APART: Final = 1.349
_LEAST_DEVIATION_SHARE: Final = 0.05
_CENT: Final = 0.01
# A payment that was declined, or that the payer was tricked into, must not make its beneficiary a
# known one: for a day after the first payment the beneficiary is still new.
COOLING_OFF_SECONDS: Final = 24 * 60 * 60
FAN_IN_WINDOW: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class VelocitySnapshot:
    """The sender's payments in the window that ends with this one, this one included."""

    count: int
    total: Decimal
    window_seconds: int


@dataclass(frozen=True, slots=True)
class SenderProfile:
    """What the sender paid before this payment; rand, four decimals.

    Count and mean are of all earlier payments, median and deviation of the last 64. These two are
    not moved by a few large payments, so that a second fraud is as strange as the first one was.
    """

    payments: int
    mean: float
    median: float
    deviation: float

    @classmethod
    def of(cls, payments: int, mean: float, latest: Iterable[float]) -> Self:
        """From the number and the mean of all, and the latest amounts in rand, in any order.

        A sender who always pays the same has no deviation: at least 5 % of the median are taken,
        so that a cent more is no anomaly.
        """
        ordered = sorted(latest)
        median = _quantile(ordered, 0.5)
        apart = _quantile(ordered, 0.75) - _quantile(ordered, 0.25)
        deviation = max(apart / _QUARTILES_APART, _LEAST_DEVIATION_SHARE * median, _CENT)
        return cls(payments, round(mean, 4), round(median, 4), round(deviation, 4))

    def z_score(self, amount: Money) -> float | None:
        """How many deviations the amount lies above the median; None before enough history."""
        if self.payments < LEAST_PAYMENTS:
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

    It is new for a sender whose first payment to it is less than 24 hours old.
    """

    new_for_sender: bool
    senders_24h: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state around one payment, taken in the moment that the payment was recorded."""

    velocity: VelocitySnapshot
    sender: SenderProfile
    receiver: ReceiverProfile
    habits: Habits = NEVER_HEARD_OF


@dataclass(frozen=True, slots=True)
class RunningMean:
    """Count and mean of a stream of amounts; its sum is never made, and so loses no cents."""

    count: int = 0
    mean: float = 0.0

    def with_amount(self, amount: float) -> "RunningMean":
        """The same stream, one amount longer."""
        count = self.count + 1
        return RunningMean(count, self.mean + (amount - self.mean) / count)
