"""wilson: the confidence interval of a share."""

from math import sqrt
from typing import Final, NamedTuple

_Z: Final = 1.959963984540054  # of a confidence of 95 %


class Share(NamedTuple):
    """A share with its interval of 95 %; None of nothing."""

    value: float | None
    low: float | None
    high: float | None


def wilson(hits: int, of: int) -> Share:
    """Return the share with its score interval, rounded to six decimals.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA
    22(158): it stays within 0 and 1, and holds its confidence for small numbers.
    """
    if not of:
        return Share(None, None, None)
    share, square = hits / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    spread = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    low, high = max(0.0, middle - spread), min(1.0, middle + spread)
    return Share(round(share, 6), round(low, 6), round(high, 6))


def overlap(one: Share, other: Share) -> bool:
    """Whether the intervals of two shares have a common value; those of nothing have all values."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return True
    return one.low <= other.high and other.low <= one.high
