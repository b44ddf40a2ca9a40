"""Drift: how far what comes in has moved from what the model was trained on."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import isnan, log
from typing import Final

from risksentinel.domain.model_version import Distribution

# Lewis, "An Introduction to Credit Scoring", 1994; Siddiqi, "Intelligent Credit Scoring", 2nd ed.,
# 2017, chapter 13. Rules of thumb, not tests: on n payments a population that has not moved shows
# about (bins - 1) / n (Yurdakul and Naranjo, Journal of Risk Model Validation 14(4), 2020).
MODERATE: Final = 0.1
LARGE: Final = 0.25
_HALF_A_PAYMENT: Final = 0.5  # in an empty bin: the logarithm of nothing is no figure


class Shift(StrEnum):
    """What a population stability index means."""

    NONE = "none"  # below 0.1
    MODERATE = "moderate"  # from 0.1 on: look
    LARGE = "large"  # from 0.25 on: train anew


def shift(index: float) -> Shift:
    """Read a population stability index."""
    if index >= LARGE:
        return Shift.LARGE
    return Shift.MODERATE if index >= MODERATE else Shift.NONE


def stability_index(trained: Distribution, values: Iterable[float]) -> float | None:
    """The population stability index of the values: the sum of (p - q) ln(p / q) over the bins.

    NaN is missing, which is a bin of its own. None without a value.
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
    """How many values lie in each bin, and how many are missing."""
    counts = [0] * (len(edges) + 2)
    for value in values:
        counts[-1 if isnan(value) else bisect_left(edges, value)] += 1
    return counts
