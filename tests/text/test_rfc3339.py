from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.errors import Malformed
from risksentinel.text import rfc3339

digits = st.text("0123456789", min_size=1, max_size=40)
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)
times = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=offsets)  # noqa: DTZ001 - Hypothesis adds the zone


@given(times)
def test_parse_reverses_to_text(at: datetime) -> None:
    """An event carries times as text, and its consumer compares them as datetimes in UTC."""
    parsed = rfc3339.parse(rfc3339.to_text(at))

    assert parsed == at
    assert parsed.tzinfo is UTC


@given(times, st.sampled_from("Tt"), st.just("") | digits, st.sampled_from("Zz"))
@example(datetime(2026, 5, 1, tzinfo=UTC), "t", "123456789", "z")
def test_every_form_of_rfc3339_is_parsed(
    at: datetime, separator: str, fraction: str, utc: str
) -> None:
    """RFC 3339 allows t, z, any offset, and any number of fraction digits."""
    whole = at.replace(microsecond=0, tzinfo=None).isoformat(separator)
    zone = utc if at.utcoffset() == timedelta(0) else at.isoformat()[-6:]

    parsed = rfc3339.parse(f"{whole}{fraction and '.'}{fraction}{zone}")

    assert parsed == at.replace(microsecond=int(f"{fraction:0<6}"[:6]))


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
def test_the_message_for_other_text_says_what_to_change(text: str, words: str) -> None:
    """The message for a day that does not exist must not ask for a zone."""
    with pytest.raises(Malformed, match=words):
        rfc3339.parse(text)


@given(st.text(max_size=60) | st.from_regex(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", fullmatch=True))
def test_any_text_is_a_time_in_utc_or_malformed(text: str) -> None:
    """A caller gets 422 for text that is not a time, never 500."""
    try:
        zone = rfc3339.parse(text).tzinfo
    except Malformed:
        zone = UTC

    assert zone is UTC
