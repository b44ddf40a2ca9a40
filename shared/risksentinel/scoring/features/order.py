"""Order statistics by row: medians and quartiles of known values, NaN without values."""

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
        """Sort the known values."""
        return cls(np.sort(np.where(known, values, np.inf), axis=1), known.sum(axis=1))

    def quantiles(self, *shares: float) -> Floats:
        """Return the quantiles of each row, interpolated; NaN for an empty row.

        One line for each share, in order.
        """
        last = np.maximum(self.count - 1, 0)
        place = last * np.array(shares)[:, None]
        lower = place.astype(np.int64)
        rows = np.arange(len(last))
        low, high = self.values[rows, lower], self.values[rows, np.minimum(lower + 1, last)]
        # Interpolation between two missing values gives infinity, which becomes NaN.
        return np.where(self.count > 0, low + (high - low) * (place - lower), np.nan)


def where_known(known: Flags, values: npt.NDArray[Any]) -> Floats:
    """Return the values, NaN where they are not known."""
    return np.where(known, values, np.nan)


def ratio(upper: Floats, lower: Floats) -> Floats:
    """Return value / reference; a reference below a cent counts as a cent."""
    return np.asarray(upper / np.maximum(lower, MIN_RAND))
