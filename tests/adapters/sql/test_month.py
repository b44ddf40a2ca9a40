from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.sql.month import Month, Span
from tests.adapters.sql.samples import moments

MAY = Month.of(datetime(2026, 5, 17, tzinfo=UTC))


@given(moments)
def test_each_moment_lies_in_its_month_only(at: datetime) -> None:
    """A row that two partitions claim, or none, is one that an insert fails for."""
    month = Month.of(at)

    assert month.begin <= at < month.after(1).begin


@given(moments, st.integers(-24, 24))
def test_months_can_be_counted_over_the_turn_of_a_year(at: datetime, months: int) -> None:
    """A job that runs in December makes the partition of January."""
    month = Month.of(at)

    assert Month.of(month.after(months).begin) == month.after(months)
    assert list(month.and_following(2)) == [month, month.after(1), month.after(2)]


def test_a_month_is_named_so_that_names_sort_by_time() -> None:
    """An operator lists them."""
    assert str(MAY) == "2026_05"


def test_a_span_is_read_from_the_catalogue() -> None:
    """The limits of a partition, not its name, decide whether it may be dropped."""
    bound = "FOR VALUES FROM ('2026-05-01 00:00:00+00') TO ('2026-06-01 00:00:00+00')"

    span = Span.read("audit_log", "anything", bound)

    assert span == Span("audit_log", "anything", MAY.begin, MAY.after(1).begin)


def test_what_is_no_span_is_left_alone() -> None:
    """The engine must not drop a partition that an operator made."""
    bounds = ("DEFAULT", "FOR VALUES FROM (MINVALUE) TO ('2026-05-01 00:00:00+00')", "")

    assert [Span.read("audit_log", "theirs", bound) for bound in bounds] == [None] * 3


def test_a_span_touches_the_months_that_it_overlaps() -> None:
    """A month that is half taken cannot be made whole."""
    moment = timedelta(microseconds=1)
    span = Span("audit_log", "odd", MAY.begin + moment, MAY.after(1).begin + moment)

    touched = [month for month in map(MAY.after, range(-1, 3)) if span.touches(month)]

    assert touched == [MAY, MAY.after(1)]
