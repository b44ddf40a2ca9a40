from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.moments import moment_of, rfc3339
from risksentinel.errors import Malformed

digits = st.text("0123456789", min_size=1, max_size=40)
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)
times = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=offsets)  # noqa: DTZ001 - Hypothesis adds the zone


@given(times)
def test_what_is_written_reads_back_as_the_same_moment(at: datetime) -> None:
    """Announcements carry times as text, and who reads them compares moments."""
    again = moment_of(rfc3339(at))

    assert again == at
    assert again.tzinfo is UTC


@given(digits)
def test_any_number_of_fraction_digits_is_cut_to_microseconds(fraction: str) -> None:
    """.NET writes seven digits, Go and Java write nine, and RFC 3339 sets no limit."""
    at = moment_of(f"2026-05-01T08:30:00.{fraction}Z")

    assert at == datetime(2026, 5, 1, 8, 30, 0, int(f"{fraction:0<6}"[:6]), tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-05-01t10:30:00z", "2026-05-01T12:30:00+02:00"])
def test_small_letters_and_other_zones_are_read(text: str) -> None:
    """RFC 3339 allows both."""
    assert moment_of(text) == datetime(2026, 5, 1, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-05-01", "time of day"),
        ("2026-05-01T08:30:00", "must have a zone"),
        ("2026-05-01 08:30", "must have a zone"),
        ("2026-05-01T08:30:00.1234567", "must have a zone"),
        ("2026-05-01T08:30:00+0200", r"like \+02:00"),
        ("2026-05-01T08:30:00+25:00", "offset between"),
        ("2026-05-01T24:00:00Z", "00:00 of the next day"),
        ("2026-05-01T25:00:00Z", "hour from 00 to 23"),
        ("2026-05-01T08:60:00Z", "minutes and seconds"),
        ("2026-05-01T23:59:60Z", "leap second"),
        ("2026-02-30T08:30:00Z", "a day that the calendar has"),
        ("2025-02-29T08:30:00.1234567Z", "a day that the calendar has"),
        ("2026-13-01T08:30:00Z", "a day that the calendar has"),
        ("0000-01-01T00:00:00Z", "a day that the calendar has"),
        ("9999-12-31T23:59:59-14:00", "years 0001 to 9999"),
        ("0001-01-01T00:00:00+14:00", "years 0001 to 9999"),
        ("2026-05-01T08:30Z", "with seconds"),
        ("yesterday", "must be a day, T"),
        ("", "must be a day, T"),
        ("٢٠٢٦-05-01T08:30:00Z", "must be a day, T"),
    ],
)
def test_a_text_that_is_no_time_is_told_what_to_change(text: str, words: str) -> None:
    """A caller whose day does not exist must not be told that the zone is missing."""
    with pytest.raises(Malformed, match=words):
        moment_of(text)


@given(st.text(max_size=60) | st.from_regex(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", fullmatch=True))
def test_any_text_is_a_moment_in_utc_or_malformed(text: str) -> None:
    """Whatever is sent as a time, nothing but a rejection reaches the caller."""
    try:
        zone = moment_of(text).tzinfo
    except Malformed:
        zone = UTC

    assert zone is UTC
