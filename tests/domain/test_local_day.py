"""The days of South Africa."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.local_day import date_of, day_of, day_start
from risksentinel.domain.transaction import EARLIEST, SOUTH_AFRICA

moments = st.integers(0, 8_000 * 365 * 86_400).map(lambda late: EARLIEST + timedelta(seconds=late))


@given(moments)
def test_a_day_is_that_of_the_time_zone(moment: datetime) -> None:
    """The constant offset is what the time zone's database says for every payment."""
    day = day_of(moment)

    assert date_of(day) == moment.astimezone(SOUTH_AFRICA).date()
    assert day_start(day) <= moment < day_start(day) + timedelta(days=1)
