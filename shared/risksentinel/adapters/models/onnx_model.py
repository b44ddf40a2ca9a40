"""OnnxModel: a verified model on onnxruntime, one thread, many payments at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from risksentinel.adapters.models.onnx_graph import graph_of
from risksentinel.domain.model_version import MODEL_FILE, Manifest, ModelArtefact
from risksentinel.errors import Malformed, Violation

INPUT: Final = "features"
OUTPUT: Final = "score"
ALLOWED: Final = frozenset({"ai.onnx.ml.TreeEnsembleRegressor"})
MIN_QUANTILES: Final = 2
_FLOAT: Final = "tensor(float)"
_FATAL: Final = 4  # of onnxruntime's log levels: what it says on standard error is no log line
FeatureRows = Sequence[Sequence[float]] | npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float64]


class Session(Protocol):
    """What is used of onnxruntime's InferenceSession."""

    def run(self, outputs: list[str], inputs: dict[str, Any]) -> list[Any]:
        """Compute these outputs."""

    def get_inputs(self) -> Sequence[Any]:
        """What it takes: name, type and shape."""

    def get_outputs(self) -> Sequence[Any]:
        """What it answers, likewise."""


@dataclass(frozen=True, slots=True)
class ModelScores:
    """The raw scores of some payments, and where each ranks among those of the training: 0 to 1."""

    scores: Floats
    risks: Floats


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """What answers for a version of a model. Safe to share between threads."""

    _session: Session = field(repr=False)
    _scores: Floats = field(repr=False)
    _ranks: Floats = field(repr=False)

    def judge(self, rows: FeatureRows) -> ModelScores:
        """Judge payments by their features, in the manifest's order; NaN is missing.

        A risk of 0.99 says that one payment in a hundred of the training was stranger.
        """
        given = np.ascontiguousarray(rows, dtype=np.float32)
        (found,) = self._session.run([OUTPUT], {INPUT: given})
        scores = np.asarray(found, dtype=np.float64)[:, 0]
        # Interpolating rounds, and may pass the last rank by the last digit.
        ranks = np.interp(scores, self._scores, self._ranks)
        return ModelScores(scores, np.clip(ranks, 0.0, 1.0))


def onnx_model(artefact: ModelArtefact, features: Sequence[str]) -> OnnxModel:
    """Make ready a model whose bytes were verified against its manifest.

    Raises:
        Malformed: it takes other features than the code computes, has no quantiles, is cut off or
            no ONNX model, or computes something else than a sum over trees.
    """
    manifest = artefact.manifest
    _refuse_other_features(manifest, tuple(features))
    if len(manifest.score_quantiles) < MIN_QUANTILES:
        raise Malformed([Violation("score_quantiles", "must be given: a raw score is no risk")])
    _refuse_other_operators(artefact.model)
    session = _session(artefact.model)
    _refuse_other_shapes(session, len(features))
    scores, ranks = _percentiles(manifest.score_quantiles)
    return OnnxModel(session, scores, ranks)


def _session(body: bytes) -> Session:
    # A quarter of a second, which the thread that loads models has.
    import onnxruntime  # type: ignore[import-untyped]  # it has no types

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    try:
        # Its fallback would try the same once more, and print so on standard output.
        session: Session = onnxruntime.InferenceSession(
            body, options, providers=["CPUExecutionProvider"], enable_fallback=False
        )
    except Exception as error:  # its own classes have no common root
        raise Malformed(f"{MODEL_FILE} cannot be loaded: {type(error).__name__}") from error
    return session


def _refuse_other_features(manifest: Manifest, features: tuple[str, ...]) -> None:
    if manifest.features == features:
        return
    missing = [name for name in features if name not in manifest.features]
    foreign = [name for name in manifest.features if name not in features]
    said = [
        f"{what} {', '.join(names)}"
        for what, names in (("lacks", missing), ("knows besides", foreign))
        if names
    ]
    told = " and ".join(said) or "has them in another order"
    raise Malformed([Violation("features", f"are not those of this release: the model {told}")])


def _refuse_other_operators(body: bytes) -> None:
    try:
        graph = graph_of(body)
    except Malformed as malformed:
        raise Malformed(f"{MODEL_FILE} {malformed}") from None
    foreign = sorted(set(graph.operators) - ALLOWED)
    if foreign or not graph.plain or len(graph.operators) > 1:
        told = ", ".join(foreign) or "more than one sum over trees"
        raise Malformed(f"{MODEL_FILE} computes what no model of ours does: {told}")


def _refuse_other_shapes(session: Session, features: int) -> None:
    inputs = [(each.name, each.type, each.shape[1:]) for each in session.get_inputs()]
    outputs = [(each.name, each.type, each.shape[1:]) for each in session.get_outputs()]
    if inputs != [(INPUT, _FLOAT, [features])] or outputs != [(OUTPUT, _FLOAT, [1])]:
        raise Malformed(
            f"{MODEL_FILE} must take {INPUT} [n, {features}] and answer {OUTPUT} [n, 1], as floats"
        )


def _percentiles(quantiles: Sequence[float]) -> tuple[Floats, Floats]:
    """Scores that rise strictly, and the rank of each: of equal ones the middle of their ranks."""
    scores, place, count = np.unique(np.asarray(quantiles), return_index=True, return_counts=True)
    middle = place + (count - 1) / 2
    return scores, middle / (len(quantiles) - 1)
