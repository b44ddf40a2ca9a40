from dataclasses import replace
from datetime import timedelta

import pytest

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.assembly.model_features import features_of, load_model
from risksentinel.domain.model_version import Manifest, MeasuredBy, ModelArtefact
from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Malformed
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.features.table import NAMES
from tests.adapters.models.forests import artefact
from tests.usecases.payments import paid


def manifest(hours: int = 2, days: int = 7) -> Manifest:
    """The manifest of a model trained with this UTC offset and delay of labels."""
    by = MeasuredBy(utc_offset_seconds=hours * 3_600, label_delay_seconds=days * 86_400)
    return artefact(features=NAMES).manifest.model_copy(update={"measured_by": by})


def with_weights(weights: dict[str, float]) -> ModelArtefact:
    """A model with learnt weights of the signals."""
    fine = artefact(features=NAMES)
    return replace(fine, manifest=manifest().model_copy(update={"weights": weights}))


def feature(name: str, of: Manifest) -> float:
    """A feature of a payment whose sender paid ten times, ten days ago."""
    history, payment = MemoryHistory(timedelta(minutes=5)), paid("p-1")
    for number in range(10):
        history.record([_earlier(number)])
    (row,) = features_of([Facts(payment, history.record([payment])[0], ())], of)
    assert not isinstance(row, Silent)
    return row[NAMES.index(name)]


def _earlier(number: int) -> Transaction:
    payment = paid(f"e-{number}")
    return replace(payment, occurred_at=payment.occurred_at - timedelta(days=10))


@pytest.mark.parametrize("hours", [-5, 0, 2, 14])
def test_serving_uses_the_time_zone_of_the_training(hours: int) -> None:
    """The hour is a feature: the same instant has another hour in another time zone."""
    utc = paid("p-1").occurred_at
    local = utc + timedelta(hours=hours)

    assert feature("hour", manifest(hours=hours)) == pytest.approx(local.hour + local.minute / 60)


def test_serving_uses_the_label_delay_of_the_training() -> None:
    """Payments of ten days ago are covered with a delay of 7 days, not with 14."""
    assert feature("sender_covered_7d", manifest(days=7)) == 10
    assert feature("sender_uncovered", manifest(days=7)) == 0
    assert feature("sender_uncovered", manifest(days=14)) == 10


def test_a_model_without_time_zone_and_label_delay_is_refused() -> None:
    """Every hour and fraud rate could differ from those of the training."""
    unmeasured = artefact(features=NAMES, measured_by=None)

    with pytest.raises(Malformed, match="measured_by: must state the time zone"):
        load_model(unmeasured)


def test_weights_of_other_signals_are_refused() -> None:
    """Learnt weights are valid only for the signals of the training."""
    of_another_release = with_weights({"rules": 0.5, "ml": 0.5})

    with pytest.raises(Malformed, match="rules, velocity, anomaly, ml: retrain the model"):
        load_model(of_another_release)


def test_a_model_with_the_weights_of_every_signal_is_served() -> None:
    """ML_LEARNT_WEIGHTS decides whether the weights are used."""
    model = load_model(with_weights({"rules": 0.1, "velocity": 0.1, "anomaly": 0.1, "ml": 0.7}))

    assert len(model.judge([[0.0] * len(NAMES)]).risks) == 1
