"""features: payments and the states before each -> the input rows of a model."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from risksentinel.domain.history import Habits
from risksentinel.domain.transaction import Transaction
from risksentinel.scoring.features import amounts, anomalies, labels, surprise, tempo
from risksentinel.scoring.features.amounts import Usual
from risksentinel.scoring.features.batch import Batch, Columns, Options
from risksentinel.scoring.features.table import NAMES

Matrix = npt.NDArray[np.float32]
DEFAULTS: Final = Options()


def features(
    payments: Sequence[Transaction], habits: Sequence[Habits], options: Options = DEFAULTS
) -> Matrix:
    """Return a row for each payment and a column for each feature of FEATURES; NaN is missing.

    Later payments, and labels that were not known at the time of a payment, do not change its row.
    """
    if not payments:
        return np.empty((0, len(NAMES)), dtype=np.float32)
    found = columns(Batch.of(payments, habits, options))
    matrix = np.empty((len(payments), len(NAMES)), dtype=np.float32)
    for place, name in enumerate(NAMES):
        matrix[:, place] = found[name]
    return matrix


def columns(batch: Batch) -> Columns:
    """Return the features by name."""
    # Missing values are NaN, and so are results of NaN.
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = Usual.of(batch.both)
        return {
            **amounts.columns(batch, usual),
            **tempo.columns(batch, usual),
            **surprise.columns(batch),
            **anomalies.columns(batch, usual),
            **labels.columns(batch),
        }
