"""EvaluationSet: the payments that versions are measured on, and the promoted version measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import ValidationError

from ml.backfill import Advance, backfill
from ml.dataset import UNKNOWN, Dataset
from ml.metrics import auc_and_ap
from ml.onnx_scores import Floats, raw_scores
from ml.protocol import Flags
from ml.split import complete_labels
from risksentinel.domain.model_fields import MANIFEST_FILE
from risksentinel.domain.model_version import MODEL_FILE, Manifest, Rival
from risksentinel.errors import Malformed
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.features.table import NAMES
from risksentinel.scoring.policy import Policy

_CLASSES: Final = 2  # metrics need both


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """The payments that versions are measured on: the tested ones with complete labels."""

    data: Dataset
    flags: Flags

    @classmethod
    def of(cls, data: Dataset, tested: Flags) -> "EvaluationSet":
        """The tested payments without those whose label is unknown."""
        return cls(data, tested & (complete_labels(data) != UNKNOWN))

    @property
    def sha256(self) -> str:
        """A digest of payments and labels: figures are comparable only with the same digest."""
        return self.data.digest(self.flags)

    def metrics(self, scores: Floats) -> Mapping[str, float]:
        """AUC and average precision of these scores; empty if only one class is present."""
        fraud = self.data.fraud[self.flags]
        return auc_and_ap(fraud, scores) if len(np.unique(fraud)) == _CLASSES else {}


def rival(folder: Path, known: EvaluationSet, advance: Advance) -> Rival | str:
    """Measure the version in a folder, written by `risksentinel models fetch`, on the same set.

    The features are computed with the options of its training. Answers the reason if it cannot be
    measured: no version was promoted, or the version is of another release.

    Raises:
        Malformed: the files do not match the manifest.
    """
    if not (folder / MANIFEST_FILE).is_file():
        return "no version was promoted"
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
    except ValidationError as error:
        raise Malformed(f"{folder / MANIFEST_FILE}: {error.error_count()} violations") from None
    model = (folder / MODEL_FILE).read_bytes()
    if sha256(model).hexdigest() != manifest.files[MODEL_FILE].sha256:
        raise Malformed(f"{folder / MODEL_FILE} has another SHA-256 than its manifest says")
    by = manifest.measured_by
    if manifest.features != NAMES or by is None:
        return f"the promoted version {manifest.version} takes the features of another release"
    matrix = backfill(known.data, Options.of(by), Policy(), advance).matrix
    scores = raw_scores(model, matrix[known.flags])
    return Rival(version=manifest.version, metrics=dict(known.metrics(scores)))
