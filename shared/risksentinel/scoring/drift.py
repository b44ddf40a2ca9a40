"""Drift: the difference between current payments and the training payments of a model."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import isnan, log
from typing import Final

from risksentinel.domain.model_version import Distribution

# Lewis, "An Introduction to Credit Scoring", 1994; Siddiqi, "Intelligent Credit Scoring", 2nd ed.,
# 2017, chapter 13. Rules of thumb, not tests: n payments of an unchanged population have an index
# of about (bins - 1) / n (Yurdakul and Naranjo, Journal of Risk Model Validation 14(4), 2020).
MODERATE: Final = 0.1
LARGE: Final = 0.25
_HALF_A_PAYMENT: Final = 0.5  # share of an empty bin, because the logarithm of 0 is undefined


class Shift(StrEnum):
    """The interpretation of a population stability index."""

    NONE = "none"  # below 0.1
    MODERATE = "moderate"  # from 0.1 on: investigate
    LARGE = "large"  # from 0.25 on: retrain


def shift(index: float) -> Shift:
    """Return the interpretation of a population stability index."""
    if index >= LARGE:
        return Shift.LARGE
    return Shift.MODERATE if index >= MODERATE else Shift.NONE


def stability_index(trained: Distribution, values: Iterable[float]) -> float | None:
    """Return the population stability index: the sum of (p - q) ln(p / q) over the bins.

    NaN is a missing value; missing values have their own bin. None without values.
    """
    counts = _counts(trained.edges, values)
    total = sum(counts)
    if total == 0:
        return None
    expected = (*trained.shares, trained.missing)
    least = _HALF_A_PAYMENT / total
    index = 0.0
    for share, count in zip(expected, counts, strict=True):
        if share or count:
            before, now = max(share, least), max(count / total, least)
            index += (now - before) * log(now / before)
    return index


def _counts(edges: Sequence[float], values: Iterable[float]) -> list[int]:
    """Count the values in each bin, and the missing ones."""
    counts = [0] * (len(edges) + 2)
    for value in values:
        counts[-1 if isnan(value) else bisect_left(edges, value)] += 1
    return counts
