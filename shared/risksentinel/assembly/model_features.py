"""Computes the features of payments for a model, and loads a model that takes them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from risksentinel.adapters.models.cached_fraud_model import FeatureRow, ServedModel
from risksentinel.domain.history import Habits
from risksentinel.domain.model_version import Manifest, ModelArtefact
from risksentinel.domain.signal import Silent
from risksentinel.errors import Malformed
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.features.table import NAMES
from risksentinel.scoring.served_manifest import NOT_MEASURED, refuse_unserved

if TYPE_CHECKING:
    from risksentinel.scoring.features.batch import Options


def features_of(batch: Sequence[Facts], manifest: Manifest) -> Sequence[FeatureRow | Silent]:
    """The features of each payment, in order; Silent if the history of its accounts is not known.

    The manifest gives the time zone and the delay of labels with which the model was trained.
    """
    from risksentinel.scoring.features.matrix import features  # noqa: PLC0415 - numpy: 100 ms

    habits = [_habits_of(facts) for facts in batch]
    known = [
        (facts.transaction, each)
        for facts, each in zip(batch, habits, strict=True)
        if isinstance(each, Habits)
    ]
    payments, before = [payment for payment, _ in known], [each for _, each in known]
    rows = iter(features(payments, before, _options_of(manifest)))
    return [each if isinstance(each, Silent) else next(rows).tolist() for each in habits]


def load_model(artefact: ModelArtefact) -> ServedModel:
    """Load a verified model.

    Raises:
        Malformed: the model was not trained on these features, or its manifest does not say with
            which time zone and delay of labels. A guess would shift every hour and fraud rate.
    """
    refuse_unserved(artefact.manifest)
    from risksentinel.adapters.models.onnx_model import onnx_model  # noqa: PLC0415 - 500 ms

    return onnx_model(artefact, tuple(NAMES))


def _options_of(manifest: Manifest) -> "Options":
    from risksentinel.scoring.features.batch import Options  # noqa: PLC0415 - numpy

    if manifest.measured_by is None:
        raise Malformed([NOT_MEASURED])
    return Options.of(manifest.measured_by)


def _habits_of(facts: Facts) -> Habits | Silent:
    """The habits of the payment's accounts before the payment."""
    return facts.history if isinstance(facts.history, Silent) else facts.history.habits
