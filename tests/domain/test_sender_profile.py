from collections.abc import Sequence
from statistics import NormalDist, mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.money import Money
from risksentinel.domain.sender_profile import MIN_PAYMENTS, SenderProfile

amounts = st.lists(st.integers(1, 10_000_000).map(lambda c: c / 100), min_size=1, max_size=64)


@given(amounts)
def test_the_mean_is_that_of_the_list(paid: list[float]) -> None:
    """The mean has four decimals of a rand."""
    profile = SenderProfile.of(len(paid), paid)

    assert profile.mean == pytest.approx(mean(paid), abs=1e-4)


@given(amounts, amounts)
def test_settled_amounts_are_older_than_a_day(paid: list[float], settled: list[float]) -> None:
    """A fraud of today must not make its next amount a habit."""
    profile = SenderProfile.of(len(paid), paid, settled)

    assert profile.settled == len(settled)
    assert profile.settled_largest == pytest.approx(max(settled), abs=1e-4)
    assert profile.settled_median == pytest.approx(median(settled), abs=1e-4)


@given(amounts.flatmap(lambda paid: st.tuples(st.just(paid), st.permutations(paid))))
def test_the_profile_does_not_depend_on_the_order(
    orders: tuple[list[float], list[float]],
) -> None:
    """Payments that arrive late must give the same profile."""
    paid, shuffled = orders

    profile = SenderProfile.of(len(paid), paid)

    assert profile == SenderProfile.of(len(paid), shuffled)
    assert profile.median == pytest.approx(median(paid), abs=1e-4)


def test_a_deviation_is_the_standard_one_where_amounts_are_normal() -> None:
    """A threshold of 3 must mean three standard deviations for a risk team."""
    paid = [NormalDist(1_000, 50).inv_cdf((n + 0.5) / 64) for n in range(64)]

    assert SenderProfile.of(64, paid).deviation == pytest.approx(50, rel=0.02)


@given(amounts.filter(lambda paid: len(paid) > 9), st.integers(1_000, 10**6))
def test_a_quarter_of_the_payments_does_not_change_the_median(
    paid: list[float], times: int
) -> None:
    """One or two undetected frauds must not make the next one usual."""
    honest = SenderProfile.of(len(paid), paid)
    frauds = [max(paid) * times] * (len(paid) // 8)

    robbed = SenderProfile.of(len(paid), [*paid, *frauds])

    assert robbed.median <= max(paid)
    assert robbed.median + robbed.deviation <= max(paid) * 2
    assert honest.median <= robbed.median + 1e-4


@given(amounts, st.sampled_from([10, 100, 1_000]))
def test_the_unit_of_the_amounts_does_not_matter(paid: Sequence[float], times: int) -> None:
    """The z-score is independent of the currency."""
    raised = [amount * times for amount in paid]
    small, large = SenderProfile.of(9, paid), SenderProfile.of(9, raised)

    assert large.median == pytest.approx(small.median * times, abs=1e-4 * times)
    if small.deviation > 0.02:
        assert large.deviation == pytest.approx(small.deviation * times, abs=1e-4 * times)


@given(st.integers(0, MIN_PAYMENTS - 1))
def test_too_little_history_is_unknown_and_not_zero(payments: int) -> None:
    """The deviation of two payments is mostly chance."""
    profile = SenderProfile.of(payments, [100.0] * payments)

    assert profile.z_score(Money.of_cents(10**9)) is None


def test_equal_payments_have_a_minimum_spread() -> None:
    """Without a minimum spread, one cent more would have an infinite z-score."""
    profile = SenderProfile.of(50, [100.0] * 50)

    z = profile.z_score(Money.of_cents(10_100))

    assert z == pytest.approx(0.2)
