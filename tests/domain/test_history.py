from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.history import LEAST_PAYMENTS, RunningAmounts, SenderProfile
from risksentinel.domain.money import Money

amounts = st.lists(st.integers(1, 10_000_000).map(lambda c: c / 100), min_size=2, max_size=50)


@given(amounts)
def test_the_running_figures_are_those_of_the_whole_list(paid: list[float]) -> None:
    """Welford's recurrence must not drift from the definition."""
    running = RunningAmounts()
    for amount in paid:
        running = running.with_amount(amount)

    profile = running.profile

    assert profile.payments == len(paid)
    assert profile.mean == pytest.approx(mean(paid), abs=1e-3)
    assert profile.deviation == pytest.approx(stdev(paid), rel=1e-6, abs=1e-3)


@given(st.integers(0, LEAST_PAYMENTS - 1))
def test_too_little_history_is_unknown_and_not_zero(payments: int) -> None:
    """A deviation from two payments says more about chance than about the sender."""
    assert SenderProfile(payments, 100.0, 10.0).z_score(Money.of_cents(10**9)) is None


def test_a_sender_who_always_pays_the_same_has_a_spread() -> None:
    """Without a least spread one cent more would be infinitely strange."""
    profile = SenderProfile(50, 100.0, 0.0)

    z = profile.z_score(Money.of_cents(10_100))

    assert z == pytest.approx(0.2)
