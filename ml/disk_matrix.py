"""Matrices of features in files, mapped into memory: the system drops their pages when it must."""

from pathlib import Path
from typing import Final

import numpy as np

from ml.protocol import Flags
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.features.table import NAMES

_ROWS: Final = 65_536  # that are copied at once


def empty_matrix(rows: int, file: Path | None) -> Matrix:
    """A matrix with a column for each feature, in a new file, or in memory."""
    shape = rows, len(NAMES)
    if file is None or not rows:  # an empty file cannot be mapped
        return np.empty(shape, dtype=np.float32)
    return np.lib.format.open_memmap(file, "w+", np.float32, shape)


def chosen_rows(matrix: Matrix, chosen: Flags, file: Path | None) -> Matrix:
    """The chosen rows of a matrix, in a new file, or in memory."""
    if file is None:
        return matrix[chosen]
    places = np.flatnonzero(chosen)
    found = empty_matrix(len(places), file)
    for begin in range(0, len(places), _ROWS):
        some = places[begin : begin + _ROWS]
        found[begin : begin + len(some)] = matrix[some]
    return found
