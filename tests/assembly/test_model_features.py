import pytest

from risksentinel.assembly.model_features import load_model
from risksentinel.domain.model_version import ModelArtefact
from risksentinel.errors import Malformed
from risksentinel.scoring.features.table import NAMES
from tests.adapters.models.forests import artefact


def _with_weights(weights: dict[str, float]) -> ModelArtefact:
    fine = artefact(features=tuple(NAMES))
    manifest = fine.manifest.model_copy(update={"weights": weights})
    return ModelArtefact(fine.pointer, manifest, fine.model)


def test_weights_of_other_signals_are_refused() -> None:
    """A signal that came or went since the training makes the learnt shares meaningless."""
    of_another_release = _with_weights({"rules": 0.5, "ml": 0.5})

    with pytest.raises(Malformed, match="rules, velocity, anomaly, ml: train again"):
        load_model(of_another_release)


def test_a_model_with_the_weights_of_every_signal_is_served() -> None:
    """Whether they count is a setting."""
    model = load_model(_with_weights({"rules": 0.1, "velocity": 0.1, "anomaly": 0.1, "ml": 0.7}))

    assert len(model.judge([[0.0] * len(NAMES)]).risks) == 1
