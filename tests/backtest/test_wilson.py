"""Tests of Wilson's interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.wilson import wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Agresti and Coull (1998), and statsmodels' proportion_confint(method="wilson")
        (8, 10, 0.490162, 0.943318),
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (1, 29, 0.006113, 0.171756),
    ],
)
def test_the_interval_is_that_of_the_literature(
    hits: int, of: int, low: float, high: float
) -> None:
    """A report of five frauds must not look like one of five thousand."""
    assert wilson(hits, of) == pytest.approx((hits / of, low, high), abs=2e-6)


@given(st.integers(1, 10_000), st.data())
def test_the_share_is_within_its_interval(of: int, data: st.DataObject) -> None:
    """Also at 0 and 1, where the usual interval has no width."""
    found = wilson(data.draw(st.integers(0, of)), of)

    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


def test_a_share_of_nothing_is_unknown() -> None:
    """Unknown is not zero."""
    assert wilson(0, 0) == (None, None, None)
