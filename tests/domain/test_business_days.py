from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.business_days import business_days_after, is_business_day

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@given(DAYS, st.integers(1, 10))
def test_the_last_of_the_following_business_days_is_returned(day: date, count: int) -> None:
    """A deadline is never on a day on which banks are closed."""
    last = business_days_after(day, count)

    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert sum(map(is_business_day, between)) == count
    assert is_business_day(last)


@given(st.dates())
def test_a_weekend_is_never_a_business_day(day: date) -> None:
    """This applies to every year, also to years outside the table."""
    assert not (is_business_day(day) and day.isoweekday() > 5)


@pytest.mark.parametrize(
    ("paid", "due"),
    [
        ("2026-05-01", "2026-05-06"),  # Workers' Day, a Friday
        ("2026-04-30", "2026-05-06"),
        ("2026-08-07", "2026-08-13"),  # Women's Day on a Sunday: the Monday is free
        ("2024-05-28", "2024-06-03"),  # the election of 29 May 2024, declared once
        ("2026-11-03", "2026-11-09"),  # the municipal election of 4 November 2026
        ("2026-12-23", "2026-12-29"),  # Christmas Day, a Friday; the Saturday has no substitute day
        ("2025-12-31", "2026-01-06"),  # New Year's Day
        ("2026-04-02", "2026-04-09"),  # Good Friday to Family Day
    ],
)
def test_public_holidays_move_a_deadline(paid: str, due: str) -> None:
    """The expected dates are counted by hand on the South African calendar."""
    assert business_days_after(date.fromisoformat(paid), 3) == date.fromisoformat(due)


def test_a_year_outside_the_table_has_weekends_only() -> None:
    """A deadline may then be too early, never too late, and scoring does not fail."""
    assert business_days_after(date(2199, 12, 24), 3) == date(2199, 12, 27)
