from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.scenarios.durations import Duration
from risksentinel.domain.transaction import SOUTH_AFRICA

MOMENT = datetime(2025, 1, 31, 10, tzinfo=SOUTH_AFRICA)
durations = st.builds(Duration, st.integers(0, 40), st.integers(0, 10**7))


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("45s", timedelta(seconds=45)),
        ("2h 30m", timedelta(hours=2, minutes=30)),
        ("1w 1d", timedelta(days=8)),
        ("-4m", timedelta(minutes=-4)),
    ],
)
def test_a_duration_is_the_sum_of_its_parts(text: str, later: timedelta) -> None:
    """Authors write durations with units, not in seconds."""
    assert Duration.parse(text).after(MOMENT) == MOMENT + later


def test_a_month_keeps_the_day_and_the_hour_where_the_month_has_the_day() -> None:
    """Months are calendar months, as for salaries."""
    month = Duration.parse("1mo")

    assert month.after(MOMENT) == datetime(2025, 2, 28, 10, tzinfo=SOUTH_AFRICA)
    assert month.after(MOMENT.replace(day=25)) == MOMENT.replace(month=2, day=25)
    assert Duration.parse("14mo").after(MOMENT) == MOMENT.replace(year=2026, month=3)


@pytest.mark.parametrize("text", ["", "-", "5", "m", "5 m", "5x", "1h,5m", "٣h", "1h  5m"])
def test_invalid_text_is_rejected_with_an_example(text: str) -> None:
    """Invalid text is an error, not zero."""
    with pytest.raises(ValueError, match="2h 30m"):
        Duration.parse(text)


@given(durations)
def test_a_later_moment_is_never_before_the_moment(duration: Duration) -> None:
    """A duration without a minus never goes back in time."""
    assert duration.after(MOMENT) >= MOMENT >= duration.before(MOMENT)
