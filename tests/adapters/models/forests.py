"""A forest of one tree as serving gets it, without training and files."""

from datetime import UTC, datetime
from typing import Final

import numpy as np

from ml.export import exported
from ml.trees import Ensemble, Tree
from risksentinel.adapters.models.documents import digest, written
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from risksentinel.domain.model_version import (
    Distribution,
    Manifest,
    MeasuredBy,
    ModelArtefact,
    Pointer,
    Rival,
    StoredFile,
)

AMOUNT: Final = ("amount_zar",)
MEASURED_BY: Final = MeasuredBy(utc_offset_seconds=7_200, label_delay_seconds=604_800)
LIMIT: Final = 1_000.0  # rand


def stump(
    features: int = 1, low: float = 0.0, high: float = 1.0, on: int = 0, limit: float = LIMIT
) -> bytes:
    """`low` where the feature is at most the limit or missing, `high` above."""
    tree = Tree(
        feature=np.array([on, 0, 0]),
        threshold=np.array([limit, 0.0, 0.0]),
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        missing_left=np.array([True, False, False]),
        value=np.array([0.0, low, high]),
    )
    return exported(Ensemble((tree,)), features)


def artefact(  # noqa: PLR0913 - one argument a field that some test sets
    model: bytes | None = None,
    *,
    features: tuple[str, ...] = AMOUNT,
    quantiles: tuple[float, ...] = (0.0, 0.0, 0.0, 1.0),
    version: str = "v1",
    name: str = "payments",
    metrics: dict[str, float] | None = None,
    evaluated_on: str | None = digest(b"some payments"),
    rival: Rival | None = None,
    measured_by: MeasuredBy | None = MEASURED_BY,
) -> ModelArtefact:
    """A verified version of the forest."""
    body = stump(len(features)) if model is None else model
    manifest = Manifest(
        name=name,
        version=version,
        kind="isolation_forest",
        created_at=datetime(2026, 5, 1, 8, 30, tzinfo=UTC),
        features=features,
        files={"model.onnx": StoredFile(sha256=digest(body), size=len(body))},
        metrics={} if metrics is None else metrics,
        evaluated_on=evaluated_on,
        rival=rival,
        measured_by=measured_by,
        training_data_sha256=digest(b"payments"),
        libraries={"scikit-learn": "1.9.1"},
        score_quantiles=quantiles,
        score_distribution=Distribution(edges=(0.5,), shares=(0.75, 0.25), missing=0.0),
        distributions={
            each: Distribution(edges=(LIMIT,), shares=(0.75, 0.25), missing=0.0)
            for each in features
        },
    )
    pointer = Pointer(version=version, manifest_sha256=digest(written(manifest)))
    return ModelArtefact(pointer, manifest, body)


def publish(registry: StoredModelRegistry, of: ModelArtefact) -> None:
    """Publish the version."""
    registry.publish(of.manifest, {"model.onnx": of.model})
