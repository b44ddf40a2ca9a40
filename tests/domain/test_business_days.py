from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.business_days import business_days_after, is_business_day

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@given(DAYS, st.integers(1, 10))
def test_so_many_business_days_follow_and_the_last_is_the_answer(day: date, count: int) -> None:
    """A deadline that falls on a holiday cannot be met on it."""
    last = business_days_after(day, count)

    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert sum(map(is_business_day, between)) == count
    assert is_business_day(last)


@given(st.dates())
def test_a_weekend_is_never_a_business_day(day: date) -> None:
    """In any year, also one of which no holiday is known."""
    assert not (is_business_day(day) and day.isoweekday() > 5)


@pytest.mark.parametrize(
    ("paid", "due"),
    [
        ("2026-05-01", "2026-05-06"),  # Workers' Day, a Friday
        ("2026-04-30", "2026-05-06"),
        ("2026-08-07", "2026-08-13"),  # Women's Day on a Sunday: the Monday is free
        ("2024-05-28", "2024-06-03"),  # the election of 29 May 2024, declared once
        ("2026-11-03", "2026-11-09"),  # the municipal election of 4 November 2026
        ("2026-12-23", "2026-12-29"),  # Christmas Day, a Friday; the Saturday moves nothing
        ("2025-12-31", "2026-01-06"),  # New Year's Day
        ("2026-04-02", "2026-04-09"),  # Good Friday to Family Day
    ],
)
def test_public_holidays_move_a_deadline(paid: str, due: str) -> None:
    """Counted by hand on the calendar of the Republic."""
    assert business_days_after(date.fromisoformat(paid), 3) == date.fromisoformat(due)


def test_a_year_outside_the_table_has_weekends_only() -> None:
    """A deadline may then be too early, never too late, and no payment fails for it."""
    assert business_days_after(date(2199, 12, 24), 3) == date(2199, 12, 27)
