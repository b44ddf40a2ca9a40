from math import isclose

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ml.distributions import QUANTILES, distribution, score_quantiles
from risksentinel.scoring.drift import Shift, shift, stability_index

figures = arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e6, 1e6) | st.just(np.nan))


@given(figures)
@example(np.array([1.0, 1.0, 1.0]))
@example(np.array([np.nan]))
@example(np.array([0.1, 0.1, 0.2, np.nan]))
@example(np.array([np.nextafter(1e6, 0), 1e6]))
def test_the_same_payments_have_no_drift(values: npt.NDArray[np.float64]) -> None:
    """A higher index would raise a false alert."""
    trained = distribution(values)

    index = stability_index(trained, values.tolist())

    assert index is not None
    assert isclose(index, 0.0, abs_tol=1e-9)


def test_a_value_that_is_rounded_later_stays_in_its_bin() -> None:
    """Receipts round to six places; half of all payments may have one value."""
    third = np.repeat([1 / 3, 2 / 3, 1.0], [500, 300, 200])

    index = stability_index(distribution(third), [round(value, 6) for value in third.tolist()])

    assert index == pytest.approx(0.0)


def test_drift_is_detected_and_noise_is_not() -> None:
    """The usual thresholds of the index: below 0.1 no drift, from 0.25 on train again."""
    chance = np.random.default_rng(5)
    trained = distribution(chance.lognormal(size=20_000))
    lately = chance.lognormal(size=2_000)

    def found(values: npt.NDArray[np.float64]) -> Shift:
        index = stability_index(trained, values.tolist())
        assert index is not None
        return shift(index)

    assert found(lately) is Shift.NONE
    assert found(lately * 1.5) is Shift.MODERATE
    assert found(lately * 3) is Shift.LARGE
    assert found(np.where(chance.random(2_000) < 0.5, np.nan, lately)) is Shift.LARGE


def test_without_a_payment_there_is_no_index() -> None:
    """The absence of payments is not stability."""
    assert stability_index(distribution(np.arange(10.0)), []) is None


def test_quantiles_go_from_the_lowest_to_the_highest() -> None:
    """There are 1,001 quantiles, in ascending order."""
    scores = np.random.default_rng(5).normal(size=500)

    quantiles = score_quantiles(scores)

    assert len(quantiles) == QUANTILES
    assert (quantiles[0], quantiles[-1]) == (scores.min(), scores.max())
    assert list(quantiles) == sorted(quantiles)
