"""What is known about the sender and the receiver at the time of a payment."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import sqrt
from typing import Final

from risksentinel.domain.habits import NEVER_HEARD_OF, Habits
from risksentinel.domain.money import Money

LEAST_PAYMENTS: Final = 5  # a deviation from fewer says more about chance than about the sender
_LEAST_DEVIATION_SHARE: Final = 0.05
_LEAST_DEVIATION_ZAR: Final = 1.0
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
    """The sender's amounts over all earlier payments, this one excluded; rand, four decimals."""

    payments: int
    mean: float
    deviation: float

    def z_score(self, amount: Money) -> float | None:
        """How many deviations the amount lies above the mean; None before enough history.

        A sender who always pays the same has no deviation: at least 5 % of the mean and one rand
        are taken, so that a cent more is no anomaly.
        """
        if self.payments < LEAST_PAYMENTS:
            return None
        return round((float(amount.amount) - self.mean) / self.spread, 4)

    @property
    def spread(self) -> float:
        """The deviation that z is measured in, in rand."""
        least = max(_LEAST_DEVIATION_SHARE * self.mean, _LEAST_DEVIATION_ZAR)
        return round(max(self.deviation, least), 4)


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
class RunningAmounts:
    """Count, mean and sum of squared differences of a stream of amounts (Welford, 1962)."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def with_amount(self, amount: float) -> "RunningAmounts":
        """The same stream, one amount longer."""
        count = self.count + 1
        difference = amount - self.mean
        mean = self.mean + difference / count
        return RunningAmounts(count, mean, self.squares + difference * (amount - mean))

    @property
    def profile(self) -> SenderProfile:
        """Mean and sample deviation, in the unit of the amounts."""
        deviation = sqrt(self.squares / (self.count - 1)) if self.count > 1 else 0.0
        return SenderProfile(self.count, round(self.mean, 4), round(deviation, 4))
