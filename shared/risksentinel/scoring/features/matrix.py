"""features: payments and what came before each -> the rows that a model takes."""

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
    """One row a payment, one column a feature in the order of FEATURES; NaN is missing.

    Nothing that came after a payment changes its row: neither later payments, nor labels that were
    not yet known.
    """
    if not payments:
        return np.empty((0, len(NAMES)), dtype=np.float32)
    found = columns(Batch.of(payments, habits, options))
    matrix = np.empty((len(payments), len(NAMES)), dtype=np.float32)
    for place, name in enumerate(NAMES):
        matrix[:, place] = found[name]
    return matrix


def columns(batch: Batch) -> Columns:
    """The features by name."""
    # NaN, and what is computed from it, is how the missing is said.
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = Usual.of(batch.both)
        return {
            **amounts.columns(batch, usual),
            **tempo.columns(batch, usual),
            **surprise.columns(batch),
            **anomalies.columns(batch, usual),
            **labels.columns(batch),
        }
