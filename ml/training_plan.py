"""TrainingPlan: what to train, and with which options."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ml.cluster_features import Cluster
from risksentinel.scoring.features.batch import Options


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What to train, and with which options."""

    name: str
    kind: str
    seed: int
    options: Options
    source: str
    created_at: datetime
    against: Path | None = None  # the folder of the promoted version
    cluster: Cluster | None = None  # that computes the features
