"""Raw scores and risks as serving computes them, over whole matrices."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ml.distributions import score_quantiles
from ml.export import INPUT, OUTPUT
from risksentinel.scoring.features.matrix import Matrix

Floats = npt.NDArray[np.float64]
_AT_ONCE: Final = 4_096


def raw_scores(model: bytes, matrix: Matrix) -> Floats:
    """The model's raw score of each payment, by onnxruntime on one thread."""
    import onnxruntime  # type: ignore[import-untyped]  # it has no types

    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    parts = [
        session.run([OUTPUT], {INPUT: np.ascontiguousarray(matrix[at : at + _AT_ONCE])})[0][:, 0]
        for at in range(0, len(matrix), _AT_ONCE)
    ]
    return np.concatenate([np.empty(0), *parts]).astype(np.float64)


def risks(scores: Floats, trained: Floats) -> Floats:
    """The rank of each score among those of the training, 0 to 1; ties get the middle rank."""
    quantiles = np.array(score_quantiles(trained))
    known, place, count = np.unique(quantiles, return_index=True, return_counts=True)
    return np.interp(scores, known, (place + (count - 1) / 2) / (len(quantiles) - 1))
