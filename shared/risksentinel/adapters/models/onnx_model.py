"""OnnxModel: a verified model on onnxruntime, which scores batches in one thread."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from risksentinel.adapters.models.onnx_graph import graph_of
from risksentinel.domain.model_version import MODEL_FILE, ModelArtefact
from risksentinel.errors import Malformed, Violation
from risksentinel.scoring.served_manifest import refuse_other_features

INPUT: Final = "features"
OUTPUT: Final = "score"
ALLOWED: Final = frozenset({"ai.onnx.ml.TreeEnsembleRegressor"})
MIN_QUANTILES: Final = 2
_FLOAT: Final = "tensor(float)"
_FATAL: Final = 4  # log level of onnxruntime: its standard error is not in the log's format
FeatureRows = Sequence[Sequence[float]] | npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float64]


class Session(Protocol):
    """The methods of onnxruntime's InferenceSession that are used."""

    def run(self, outputs: list[str], inputs: dict[str, Any]) -> list[Any]:
        """Compute these outputs."""

    def get_inputs(self) -> Sequence[Any]:
        """The inputs: name, type and shape."""

    def get_outputs(self) -> Sequence[Any]:
        """The outputs: name, type and shape."""


@dataclass(frozen=True, slots=True)
class ModelScores:
    """The raw scores of some payments, and their ranks among the training scores: 0 to 1."""

    scores: Floats
    risks: Floats


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """One version of a model. Thread-safe."""

    _session: Session = field(repr=False)
    _scores: Floats = field(repr=False)
    _ranks: Floats = field(repr=False)

    def judge(self, rows: FeatureRows) -> ModelScores:
        """Score payments from their features, in the manifest's order; NaN is missing.

        With a risk of 0.99, one in a hundred training payments was more anomalous.
        """
        given = np.ascontiguousarray(rows, dtype=np.float32)
        (found,) = self._session.run([OUTPUT], {INPUT: given})
        scores = np.asarray(found, dtype=np.float64)[:, 0]
        # Interpolation may exceed the last rank by a rounding error.
        ranks = np.interp(scores, self._scores, self._ranks)
        return ModelScores(scores, np.clip(ranks, 0.0, 1.0))


def onnx_model(artefact: ModelArtefact, features: Sequence[str]) -> OnnxModel:
    """Load a model whose bytes were verified against its manifest.

    Raises:
        Malformed: the model has other features than this release, has no quantiles, is cut off or
            not ONNX, or uses operators other than a sum over trees.
    """
    manifest = artefact.manifest
    refuse_other_features(manifest, tuple(features))
    if len(manifest.score_quantiles) < MIN_QUANTILES:
        raise Malformed(
            [Violation("score_quantiles", "is required: it maps a raw score to a risk")]
        )
    _refuse_other_operators(artefact.model)
    session = _session(artefact.model)
    _refuse_other_shapes(session, len(features))
    scores, ranks = _percentiles(manifest.score_quantiles)
    return OnnxModel(session, scores, ranks)


def _session(body: bytes) -> Session:
    # The import takes a quarter of a second, on the thread that loads models.
    import onnxruntime  # type: ignore[import-untyped]  # it has no types

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    try:
        # The fallback would repeat the attempt and print to standard output.
        session: Session = onnxruntime.InferenceSession(
            body, options, providers=["CPUExecutionProvider"], enable_fallback=False
        )
    except Exception as error:  # its error classes have no common root
        raise Malformed(f"{MODEL_FILE} cannot be loaded: {type(error).__name__}") from error
    return session


def _refuse_other_operators(body: bytes) -> None:
    try:
        graph = graph_of(body)
    except Malformed as malformed:
        raise Malformed(f"{MODEL_FILE} {malformed}") from None
    foreign = sorted(set(graph.operators) - ALLOWED)
    if foreign or not graph.plain or len(graph.operators) > 1:
        told = ", ".join(foreign) or "more than one sum over trees"
        raise Malformed(f"{MODEL_FILE} uses unsupported operators: {told}")


def _refuse_other_shapes(session: Session, features: int) -> None:
    inputs = [(each.name, each.type, each.shape[1:]) for each in session.get_inputs()]
    outputs = [(each.name, each.type, each.shape[1:]) for each in session.get_outputs()]
    if inputs != [(INPUT, _FLOAT, [features])] or outputs != [(OUTPUT, _FLOAT, [1])]:
        raise Malformed(
            f"{MODEL_FILE} must take {INPUT} [n, {features}] and answer {OUTPUT} [n, 1], as floats"
        )


def _percentiles(quantiles: Sequence[float]) -> tuple[Floats, Floats]:
    """Strictly ascending scores with their ranks; equal scores get the middle of their ranks."""
    scores, place, count = np.unique(np.asarray(quantiles), return_index=True, return_counts=True)
    middle = place + (count - 1) / 2
    return scores, middle / (len(quantiles) - 1)
