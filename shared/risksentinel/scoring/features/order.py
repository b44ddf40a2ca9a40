"""Order statistics by row: medians and quartiles of what is known, NaN where nothing is."""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from risksentinel.scoring.features.batch import Flags, Floats, Integers

MIN_RAND: Final = 0.01


@dataclass(frozen=True, slots=True)
class Ordered:
    """The known values of each row in rising order, with their number."""

    values: Floats
    count: Integers

    @classmethod
    def of(cls, values: Floats, known: Flags) -> Self:
        """Put the known values in order."""
        return cls(np.sort(np.where(known, values, np.inf), axis=1), known.sum(axis=1))

    def quantiles(self, *shares: float) -> Floats:
        """The values below which these shares of a row lie, interpolated; NaN for an empty row.

        One line a share, in their order.
        """
        last = np.maximum(self.count - 1, 0)
        place = last * np.array(shares)[:, None]
        lower = place.astype(np.int64)
        rows = np.arange(len(last))
        low, high = self.values[rows, lower], self.values[rows, np.minimum(lower + 1, last)]
        # Nothing lies between two of what is not there: infinite, and no figure.
        return np.where(self.count > 0, low + (high - low) * (place - lower), np.nan)


def where_known(known: Flags, values: npt.NDArray[Any]) -> Floats:
    """The values, NaN where they mean nothing."""
    return np.where(known, values, np.nan)


def ratio(upper: Floats, lower: Floats) -> Floats:
    """How many times as much; less than a cent is taken for one below the line."""
    return np.asarray(upper / np.maximum(lower, MIN_RAND))
