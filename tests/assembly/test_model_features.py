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
    """A model that was trained by these clocks, with this delay of labels."""
    by = MeasuredBy(utc_offset_seconds=hours * 3_600, label_delay_seconds=days * 86_400)
    return artefact(features=NAMES).manifest.model_copy(update={"measured_by": by})


def with_weights(weights: dict[str, float]) -> ModelArtefact:
    """One that learnt what its signals should weigh."""
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
def test_serving_reads_the_clock_that_training_read(hours: int) -> None:
    """A night in Johannesburg is an evening in London: the model has learnt one of them."""
    utc = paid("p-1").occurred_at
    local = utc + timedelta(hours=hours)

    assert feature("hour", manifest(hours=hours)) == pytest.approx(local.hour + local.minute / 60)


def test_serving_waits_for_labels_as_long_as_training_did() -> None:
    """Ten days old payments are old enough after 7 days, and not after 14."""
    assert feature("sender_covered_7d", manifest(days=7)) == 10
    assert feature("sender_uncovered", manifest(days=7)) == 0
    assert feature("sender_uncovered", manifest(days=14)) == 10


def test_a_model_that_does_not_say_by_what_it_was_measured_is_refused() -> None:
    """Every hour and every fraud rate could be another one than it learnt."""
    untold = artefact(features=NAMES, measured_by=None)

    with pytest.raises(Malformed, match="measured_by: must state the time zone"):
        load_model(untold)


def test_weights_of_other_signals_are_refused() -> None:
    """A signal that came or went since the training makes the learnt shares meaningless."""
    of_another_release = with_weights({"rules": 0.5, "ml": 0.5})

    with pytest.raises(Malformed, match="rules, velocity, anomaly, ml: retrain the model"):
        load_model(of_another_release)


def test_a_model_with_the_weights_of_every_signal_is_served() -> None:
    """Whether they count is a setting."""
    model = load_model(with_weights({"rules": 0.1, "velocity": 0.1, "anomaly": 0.1, "ml": 0.7}))

    assert len(model.judge([[0.0] * len(NAMES)]).risks) == 1
