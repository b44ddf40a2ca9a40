"""The usual amounts of a sender's payments, and how unusual an amount is."""

from collections.abc import Iterable
from typing import Final, Self

from risksentinel.domain.checked_value import checked_value
from risksentinel.domain.money import Money

MIN_PAYMENTS: Final = 5  # a deviation of fewer payments is mostly chance
# The interquartile range of normally distributed amounts, in standard deviations: an interquartile
# range divided by it is the pseudo-sigma of Hoaglin, Mosteller and Tukey (1983).
_QUARTILES_APART: Final = 1.349
_MIN_DEVIATION_SHARE: Final = 0.05
_CENT: Final = 0.01


@checked_value
class SenderProfile:
    """The sender's approved and cleared payments before this payment.

    `payments` counts all of them. Mean, median and deviation are of the latest 64, in rand with
    four decimals: a few large payments do not change the median, so that a second fraud is as
    unusual as the first. `settled` is the number of those that are older than a day, with their
    median and largest amount, so that a fraud of today is not a habit today.
    """

    payments: int
    mean: float
    median: float
    deviation: float
    settled: int = 0
    settled_median: float = 0.0
    settled_largest: float = 0.0

    @classmethod
    def of(cls, payments: int, latest: Iterable[float], settled: Iterable[float] = ()) -> Self:
        """Return the profile for the number of all payments and the latest amounts in rand.

        The deviation is at least 5 % of the median, so that one cent more is not an anomaly for a
        sender who always pays the same amount.
        """
        ordered = sorted(latest)
        if not ordered:
            return cls(payments, 0.0, 0.0, _CENT)
        old, median = sorted(settled), _quantile(ordered, 0.5)
        apart = _quantile(ordered, 0.75) - _quantile(ordered, 0.25)
        deviation = max(apart / _QUARTILES_APART, _MIN_DEVIATION_SHARE * median, _CENT)
        mean = sum(ordered) / len(ordered)
        return cls(
            payments,
            round(mean, 4),
            round(median, 4),
            round(deviation, 4),
            len(old),
            round(_quantile(old, 0.5), 4) if old else 0.0,
            round(old[-1], 4) if old else 0.0,
        )

    def z_score(self, amount: Money) -> float | None:
        """Return the deviations of the amount from the median; None without enough history."""
        if self.payments < MIN_PAYMENTS:
            return None
        return round((float(amount.amount) - self.median) / self.deviation, 4)


def _quantile(ordered: list[float], share: float) -> float:
    """Return the quantile of the share, interpolated; 0 without values."""
    if not ordered:
        return 0.0
    place = (len(ordered) - 1) * share
    lower = int(place)
    low, high = ordered[lower], ordered[min(lower + 1, len(ordered) - 1)]
    return low + (high - low) * (place - lower)
