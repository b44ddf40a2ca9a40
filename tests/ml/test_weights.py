from dataclasses import replace

import numpy as np
import pytest

from ml.backfill import Backfill, backfill
from ml.dataset import UNKNOWN, Dataset
from ml.model_kinds import MIN_FRAUDS
from ml.synthetic import synthetic
from ml.weights import Trial, Weights, learnt_weights
from risksentinel.domain.model_version import MIN_WEIGHT
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.signals import SIGNALS


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Payments with enough frauds for both parts of a trial."""
    return synthetic(5, count=200, days=60)


@pytest.fixture(scope="module")
def past(data: Dataset) -> Backfill:
    """The features and histories of the payments."""
    everything = np.ones(len(data), dtype=np.bool_)
    return backfill(data, Options(), Policy(), lambda _: None, tried=everything)


def _learnt(past: Backfill, trial: Trial) -> Weights | None:
    return learnt_weights("isolation_forest", past.matrix, trial, past.risks, 1)


def test_weights_are_shares_and_every_signal_has_one(data: Dataset, past: Backfill) -> None:
    """A score stays the sum of its contributions, and between 0 and 1."""
    weights = _learnt(past, Trial.of(data, data.fraud != UNKNOWN))

    assert weights is not None
    assert tuple(weights) == tuple(SIGNALS)
    assert round(sum(weights.values()), 9) == 1.0
    assert min(weights.values()) >= MIN_WEIGHT


def test_a_trial_tests_no_payment_that_the_model_learnt_from(data: Dataset) -> None:
    """A model looks better on its own training data."""
    trial = Trial.of(data, data.fraud != UNKNOWN)

    assert not (trial.earlier & trial.later).any()
    assert data.at[trial.earlier].max() <= data.at[trial.later].min()


def test_a_trial_learns_only_from_frauds_known_at_its_begin(data: Dataset) -> None:
    """A fraud that became known later would make the model look better."""
    late = replace(data, known_at=data.at + 30 * 86_400)

    trial = Trial.of(late, data.fraud != UNKNOWN)

    began = late.at[trial.later].min()
    assert late.known_at[trial.earlier & (late.fraud == 1)].max() <= began
    assert (late.fraud[trial.earlier] == 0).any()


def test_weights_need_genuine_payments(data: Dataset, past: Backfill) -> None:
    """A file with labels of frauds only has no second class."""
    trial = Trial.of(data, data.fraud == 1)

    assert _learnt(past, trial) is None


def test_weights_need_enough_frauds(data: Dataset, past: Backfill) -> None:
    """The weight of a signal must not depend on chance."""
    few = replace(data, fraud=np.where(np.cumsum(data.fraud == 1) < MIN_FRAUDS, data.fraud, 0))

    assert _learnt(past, Trial.of(few, few.fraud != UNKNOWN)) is None
