"""Artefacts: the files of a trained version, as the registry publishes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version as version_of
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ml.distributions import distribution, score_quantiles
from ml.model_kinds import Fitted
from risksentinel.domain.model_fields import MANIFEST_FILE
from risksentinel.domain.model_version import MODEL_FILE, Manifest, Rival, StoredFile
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.features.table import NAMES

JOBLIB: Final = "model.joblib"
REPORT: Final = "training_report.json"
CARD: Final = "model_card.md"
_LIBRARIES: Final = ("scikit-learn", "numpy", "onnx")


@dataclass(frozen=True, slots=True)
class Trained:
    """A model and its training data: `scores` are its raw scores over `matrix`."""

    name: str
    kind: str
    created_at: datetime
    fitted: Fitted
    matrix: Matrix
    scores: npt.NDArray[np.float64]
    options: Options
    data_sha256: str
    metrics: Mapping[str, float]
    weights: Mapping[str, float] | None  # of the signals, where labels were enough to learn them
    evaluated_on: str
    rival: Rival | None

    @property
    def version(self) -> str:
        """The name of the version: time and kind, so that versions sort by time."""
        return f"{self.created_at:%Y%m%dT%H%M%SZ}-{self.kind.replace('_', '-')}"


def write(folder: Path, trained: Trained, model: bytes, report: Mapping[str, Any]) -> Manifest:
    """Write every file and the manifest that describes them; the folder has the plots already."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(model)
    (folder / JOBLIB).write_bytes(_pickled(trained))
    (folder / REPORT).write_text(json.dumps(report, indent=2))
    (folder / CARD).write_text(_card(trained, report))
    manifest = Manifest(
        name=trained.name,
        version=trained.version,
        kind=trained.kind,
        created_at=trained.created_at,
        features=NAMES,
        measured_by=trained.options.measured_by,
        files={
            file.name: _described(file.read_bytes())
            for file in sorted(folder.iterdir())
            if file.name != MANIFEST_FILE
        },
        metrics=dict(trained.metrics),
        evaluated_on=trained.evaluated_on,
        rival=trained.rival,
        training_data_sha256=trained.data_sha256,
        libraries={library: version_of(library) for library in _LIBRARIES},
        score_quantiles=score_quantiles(trained.scores),
        score_distribution=distribution(trained.scores),
        distributions={
            name: distribution(trained.matrix[:, place]) for place, name in enumerate(NAMES)
        },
        weights=None if trained.weights is None else dict(trained.weights),
    )
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2))
    return manifest


def _pickled(trained: Trained) -> bytes:
    import joblib  # type: ignore[import-untyped] # it has no types

    body = BytesIO()
    fitted = trained.fitted
    kept = {"estimator": fitted.estimator, "columns": fitted.columns, "takes": fitted.takes}
    joblib.dump(kept, body)
    return body.getvalue()


def _described(body: bytes) -> StoredFile:
    return StoredFile(sha256=sha256(body).hexdigest(), size=len(body))


def _card(trained: Trained, report: Mapping[str, Any]) -> str:
    """A model card (Mitchell et al., "Model Cards for Model Reporting", FAT* 2019)."""
    measured = "\n".join(f"| {name} | {value:.4f} |" for name, value in trained.metrics.items())
    data, hours = report["data"], trained.options.utc_offset.total_seconds() / 3_600
    return f"""# {trained.name} {trained.version}

**Kind**: {trained.kind}; {report["meaning"]}. Served as one ONNX node, TreeEnsembleRegressor.

**Use**: one of four signals in the score of a payment. A rank of 0.99 says that one payment in a
hundred of the training was more anomalous; it is no probability of fraud. A person decides: POPIA,
section 71.

**Data**: {data["source"]}; {data["payments"]:,} payments, {data["frauds"]:,} known frauds, from
{data["from"]} to {data["until"]}; SHA-256 {trained.data_sha256}.

**Features**: {", ".join(trained.fitted.columns)}; local time is {hours:+g} h
from UTC, labels are complete after {trained.options.label_delay.days} days.

**Measured** on {data["evaluation_payments"]:,} payments with complete labels, which were not used
for training:

| metric | |
|---|---|
{measured or "| none: the payments have no labels | |"}

**Limits**: the features of a sender need three payments, and the model is never Silent: an unknown
sender counts as usual. Fairness between groups of people was not measured: the features hold no
personal data, but habits differ. Seed {report["seed"]}.
"""
