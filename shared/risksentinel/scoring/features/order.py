"""Order statistics by row: medians and quartiles of what is known, NaN where nothing is."""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from risksentinel.scoring.features.batch import Flags, Floats, Integers

LEAST_RAND: Final = 0.01


@dataclass(frozen=True, slots=True)
class Ordered:
    """The known values of each row in rising order, with their number."""

    values: Floats
    count: Integers

    @classmethod
    def of(cls, values: Floats, known: Flags) -> Self:
        """Put the known values in order."""
        return cls(np.sort(np.where(known, values, np.inf), axis=1), known.sum(axis=1))

    def quantile(self, share: float) -> Floats:
        """The value below which that share of the row lies, interpolated; NaN for an empty row."""
        place = np.maximum(self.count - 1, 0) * share
        lower = place.astype(np.int64)
        upper = np.minimum(lower + 1, np.maximum(self.count - 1, 0))
        rows = np.arange(len(self.count))
        low, high = self.values[rows, lower], self.values[rows, upper]
        known = self.count > 0
        low, high = np.where(known, low, np.nan), np.where(known, high, np.nan)
        return low + (high - low) * (place - lower)


def where_known(known: Flags, values: npt.NDArray[Any]) -> Floats:
    """The values, NaN where they mean nothing."""
    return np.where(known, values, np.nan)


def ratio(upper: Floats, lower: Floats) -> Floats:
    """How many times as much; less than a cent is taken for one below the line."""
    return np.asarray(upper / np.maximum(lower, LEAST_RAND))
