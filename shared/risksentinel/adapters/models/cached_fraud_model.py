"""CachedFraudModel: opinions of the model in use; an error of the model is Silent."""

from collections import deque
from collections.abc import Callable, Sequence
from math import isnan
from typing import Any, Final, Protocol

import structlog

from risksentinel.adapters.models.cached_model import CachedModel, InUse
from risksentinel.domain.model_version import Manifest, Pointer
from risksentinel.domain.signal import Absence, Opinion, Reading, Silent
from risksentinel.errors import Misconfigured
from risksentinel.scoring.drift import stability_index
from risksentinel.scoring.facts import Facts

FeatureRow = Sequence[float]  # a payment's features; NaN is missing
# One row for each payment, in order, with the features of this model; Silent where the accounts'
# history is unknown.
FeaturesOf = Callable[[Sequence[Facts], Manifest], Sequence[FeatureRow | Silent]]
InWords = Callable[[FeatureRow], Sequence[str]]  # why these features are anomalous, for an analyst

REMEMBERED: Final = 2_000  # payments for the measurement of drift
LEAST: Final = 200  # below this the index is mostly chance
UNKNOWN: Final = float("nan")
_FAILED: Final = Silent("the model failed", absence=Absence.MISSING)
_PLACES: Final = 6
_log: Final = structlog.get_logger()


class Judgement(Protocol):
    """The scores and ranks of some payments, as arrays."""

    @property
    def scores(self) -> Any:  # noqa: ANN401 - numpy is imported where a model is loaded
        """The raw scores."""

    @property
    def risks(self) -> Any:  # noqa: ANN401 - numpy's array
        """The rank of each score among the training payments, 0 to 1."""


class ServedModel(Protocol):
    """A loaded model."""

    def judge(self, rows: Sequence[FeatureRow]) -> Judgement:
        """The scores of payments, from their features."""


class CachedFraudModel:
    """The opinions of one model, promoted or named by a policy; keeps the last rows, for drift."""

    def __init__(
        self, cached: CachedModel[ServedModel], features_of: FeaturesOf, in_words: InWords
    ) -> None:
        self._cached = cached
        self._features_of, self._in_words = features_of, in_words
        self._recent: deque[tuple[Pointer, FeatureRow, float]] = deque(maxlen=REMEMBERED)

    def risks(self, batch: Sequence[Facts]) -> list[Opinion]:
        """One opinion for each payment, in order."""
        in_use = self._cached.current()
        if isinstance(in_use, Silent):
            return [in_use] * len(batch)
        try:
            return self._opinions(in_use, batch)
        except Exception:  # noqa: BLE001 - whatever a model does, payments go on
            _log.exception("model.failed", version=in_use.pointer.version)
            return [_FAILED] * len(batch)

    def check(self) -> str | None:
        """Whether the model is in use: "ok", or "none" where no model is promoted.

        Raises:
            Misconfigured: it is not in use, with the reason; the last loaded model stays in use.
        """
        state = self._cached.state()
        if state.faulty:
            raise Misconfigured(f"degraded: {state.reason}")
        return state.status

    def is_faulty(self) -> bool:
        """Whether the model is not in use; without a promoted model it is False."""
        return self._cached.state().faulty

    def is_in_use(self) -> bool:
        """Whether a model scores payments: the wanted one or the last loaded one."""
        return self._cached.state().version is not None

    def score_drift(self) -> float:
        """The population stability index of recent payments' scores; NaN below 200 payments."""
        in_use, recent = self._lately()
        if in_use is None or in_use.manifest.score_distribution is None:
            return UNKNOWN
        trained = in_use.manifest.score_distribution
        index = stability_index(trained, [score for _, score in recent])
        return UNKNOWN if index is None else index

    def feature_drift(self) -> float:
        """The largest population stability index of a feature; NaN below 200 payments."""
        in_use, recent = self._lately()
        if in_use is None:
            return UNKNOWN
        trained = in_use.manifest.distributions
        indexes = [
            stability_index(trained[name], [row[place] for row, _ in recent])
            for place, name in enumerate(in_use.manifest.features)
            if name in trained
        ]
        return max((index for index in indexes if index is not None), default=UNKNOWN)

    def start(self) -> None:
        """Load the model beside the caller, if it is not loaded yet."""
        self._cached.start()

    def close(self) -> None:
        """Stop polling for new models."""
        self._cached.close()

    def _opinions(self, in_use: InUse[ServedModel], batch: Sequence[Facts]) -> list[Opinion]:
        rows = self._features_of(batch, in_use.manifest)
        known = [as_in_receipt(row) for row in rows if not isinstance(row, Silent)]
        said = iter(self._readings(in_use, known) if known else ())
        return [row if isinstance(row, Silent) else next(said) for row in rows]

    def _readings(self, in_use: InUse[ServedModel], rows: Sequence[FeatureRow]) -> list[Opinion]:
        judged = in_use.model.judge(rows)
        scores = judged.scores.tolist()
        self._recent.extend(
            (in_use.pointer, row, score) for row, score in zip(rows, scores, strict=True)
        )
        return _worded(in_use, rows, judged, self._in_words)

    def _lately(self) -> tuple[InUse[ServedModel] | None, list[tuple[FeatureRow, float]]]:
        in_use = self._cached.current()
        if isinstance(in_use, Silent):
            return None, []
        recent = [(row, score) for of, row, score in self._recent.copy() if of == in_use.pointer]
        return in_use, recent if len(recent) >= LEAST else []


def opinion_of(
    in_use: InUse[ServedModel], rows: Sequence[FeatureRow], in_words: InWords
) -> list[Opinion]:
    """The opinions on rows of features that receipts have."""
    return _worded(in_use, rows, in_use.model.judge(rows), in_words)


def as_in_receipt(row: FeatureRow) -> FeatureRow:
    """The features with the digits that the receipt has: so the model can be run again from it."""
    return [round(value, _PLACES) for value in row]


def _worded(
    in_use: InUse[ServedModel], rows: Sequence[FeatureRow], judged: Judgement, in_words: InWords
) -> list[Opinion]:
    scores, risks = judged.scores.tolist(), judged.risks.tolist()
    return [
        _reading(in_use, row, in_words(row), score, risk)
        for row, score, risk in zip(rows, scores, risks, strict=True)
    ]


def _reading(
    in_use: InUse[ServedModel], row: FeatureRow, reasons: Sequence[str], score: float, risk: float
) -> Opinion:
    manifest = in_use.manifest
    details: dict[str, Any] = {
        "model": {
            "name": manifest.name,
            "version": manifest.version,
            "kind": manifest.kind,
            "manifest_sha256": in_use.pointer.manifest_sha256,
        },
        "score": round(score, _PLACES),
        "features": {
            name: None if isnan(value) else value
            for name, value in zip(manifest.features, row, strict=True)
        },
    }
    if manifest.weights is not None:
        details["weights"] = dict(manifest.weights)
    rank = f"more anomalous than {risk:.1%} of the training payments of model {manifest.version}"
    words = "; ".join(reasons)
    return Reading(round(risk, _PLACES), (f"{words} ({rank})" if words else rank,), details)
