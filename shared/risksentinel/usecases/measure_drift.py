"""measure_drift: how far recent payments differ from those that a model was trained on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from risksentinel.domain.model_version import Manifest, Pointer
from risksentinel.scoring.drift import Shift, shift, stability_index


@dataclass(frozen=True, slots=True)
class Drift:
    """The population stability index of the score or of one feature."""

    figure: str
    index: float

    @property
    def shift(self) -> Shift:
        """The size of the shift that the index indicates."""
        return shift(self.index)


@dataclass(frozen=True, slots=True)
class Drifts:
    """The drift of the score, then of the features, largest first; from `payments` payments."""

    payments: int
    found: tuple[Drift, ...]


def measure_drift(
    manifest: Manifest, pointer: Pointer, readings: Iterable[Mapping[str, Any]]
) -> Drifts:
    """Compare the readings of this version with the distributions in its manifest."""
    mine = [each for each in readings if _is_of(each, pointer)]
    columns: dict[str, list[float]] = defaultdict(list)
    for details in mine:
        for name, value in details["features"].items():
            columns[name].append(float("nan") if value is None else value)
    features = [
        Drift(name, index)
        for name, trained in manifest.distributions.items()
        if (index := stability_index(trained, columns[name])) is not None
    ]
    features.sort(key=lambda drift: -drift.index)
    score = _of_score(manifest, [details["score"] for details in mine])
    return Drifts(len(mine), (*score, *features))


def _is_of(details: Mapping[str, Any], pointer: Pointer) -> bool:
    said: object = details["model"].get("manifest_sha256")
    return said == pointer.manifest_sha256


def _of_score(manifest: Manifest, scores: list[float]) -> tuple[Drift, ...]:
    trained = manifest.score_distribution
    index = None if trained is None else stability_index(trained, scores)
    return () if index is None else (Drift("score", index),)
