"""The features that this release computes, and how a model that takes them is loaded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from risksentinel.adapters.models.cached_fraud_model import Row, ServedModel
from risksentinel.domain.history import Habits
from risksentinel.domain.model_version import Manifest, ModelArtefact
from risksentinel.domain.signal import Silent
from risksentinel.errors import Fault, Malformed
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.features.table import NAMES
from risksentinel.scoring.signals import SIGNALS

if TYPE_CHECKING:
    from risksentinel.scoring.features.batch import Options


def features_of(batch: Sequence[Facts], manifest: Manifest) -> Sequence[Row | Silent]:
    """Each payment's features, in their order; Silent where nothing is known of its accounts.

    They are measured as in the model's training: by its local clocks, with its delay of labels.
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
    """Make a verified model ready.

    Raises:
        Malformed: it is not for these features, or does not say by what they were measured. To
            guess it would move every hour and every fraud rate, and nobody would see why.
    """
    _options_of(artefact.manifest)
    from risksentinel.adapters.models.onnx_model import onnx_model  # noqa: PLC0415 - 500 ms

    weights = artefact.manifest.weights
    if weights is not None and weights.keys() != SIGNALS.keys():
        raise Malformed([Fault("weights", f"must be those of {', '.join(SIGNALS)}: train again")])
    return onnx_model(artefact, tuple(NAMES))


def _options_of(manifest: Manifest) -> "Options":
    from risksentinel.scoring.features.batch import Options  # noqa: PLC0415 - numpy

    by = manifest.measured_by
    if by is None:
        raise Malformed(
            [Fault("measured_by", "must say the clocks and the delay of labels: train anew")]
        )
    return Options.of(by)


def _habits_of(facts: Facts) -> Habits | Silent:
    """What the payment's accounts did before."""
    return facts.history if isinstance(facts.history, Silent) else facts.history.habits
