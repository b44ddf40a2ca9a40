from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.errors import Malformed
from risksentinel.payment_files.cells import Times, amount, choice, missing, words
from risksentinel.payment_files.row import UnreadableCell

JOHANNESBURG = ZoneInfo("Africa/Johannesburg")
anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(), st.binary()
)


@given(st.integers(0, 10**15 - 1))
def test_an_amount_keeps_its_exact_value(cents: int) -> None:
    """A lost cent would change velocity."""
    exact = Decimal(cents).scaleb(-2)

    assert Decimal(amount(str(exact))) == Decimal(amount(exact)) == exact
    if cents < 10**13:
        assert Decimal(amount(float(exact))) == exact


@pytest.mark.parametrize(
    "cell", [1.005, 0.1 + 0.2, "1.999", "1e3", "1,50", -1, Decimal("0.001"), float("inf"), 10**30]
)
def test_an_amount_is_never_rounded_or_guessed(cell: object) -> None:
    """Rounding would change the amount silently."""
    with pytest.raises(Malformed):
        amount(cell)


@pytest.mark.parametrize(
    ("cell", "timezone", "epoch", "moment"),
    [
        ("2026-05-01T08:30:00Z", None, None, "2026-05-01T08:30:00Z"),
        ("2026-05-01 08:30:00+02:00", None, None, "2026-05-01T06:30:00Z"),
        ("2026-05-01 08:30", JOHANNESBURG, None, "2026-05-01T06:30:00Z"),
        (datetime(2026, 5, 1, 8, 30), JOHANNESBURG, None, "2026-05-01T06:30:00Z"),  # noqa: DTZ001
        (1777624200, None, "s", "2026-05-01T08:30:00Z"),
        ("1777624200.5", None, "s", "2026-05-01T08:30:00.500000Z"),
        (1777624200123, None, "ms", "2026-05-01T08:30:00.123000Z"),
    ],
)
def test_a_time_is_converted_to_utc(
    cell: object, timezone: ZoneInfo | None, epoch: Literal["s", "ms"] | None, moment: str
) -> None:
    """A wrong zone would move payments across windows of five minutes."""
    assert Times(timezone, epoch).text(cell) == moment


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("2026-05-01T08:30:00", "--timezone"),
        (1777624200, "--epoch"),
        ("1777624200", "--epoch"),
        ("2026-05-01", "a date with a time"),
        (date(2026, 5, 1), "a date with a time"),
        ("yesterday", "a date with a time"),
        (True, "a date with a time"),
        ("2026-02-30T08:30:00Z", "exists"),
        ("0001-01-01T00:00:00+14:00", "exists"),
    ],
)
def test_an_ambiguous_time_is_refused_with_the_option_to_give(cell: object, says: str) -> None:
    """A guessed zone could move a payment into the night."""
    with pytest.raises(Malformed, match=says):
        Times(None, None).text(cell)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_a_time_in_any_zone_is_the_same_moment(moment: datetime) -> None:
    """The result is the same moment, for every zone."""
    read = datetime.fromisoformat(Times(None, None).text(moment.isoformat(timespec="microseconds")))

    assert abs(read - moment.astimezone(UTC)) < timedelta(minutes=1)  # offsets may have seconds


@given(anything)
@example(Decimal("1e999999"))
@example(Decimal("NaN"))
@example(10**400)
@example(UnreadableCell())
@example([1])
def test_any_cell_is_text_or_a_refusal(cell: object) -> None:
    """An unusual cell must not end the import."""
    for read in (words, choice, amount, Times(None, "s").text, Times(JOHANNESBURG, "ms").text):
        with suppress(Malformed):
            assert missing(cell) or isinstance(read(cell), str)


@pytest.mark.parametrize("cell", ["a\0b", "a\ud800", "a\nb", 1.5, True, 2.0**60, b"x"])
def test_text_with_control_characters_is_refused(cell: object) -> None:
    """The API would refuse the whole batch."""
    with pytest.raises(Malformed):
        words(cell)


@pytest.mark.parametrize(("cell", "text"), [(7, "7"), (7.0, "7"), (" a ", "a"), ("007", "007")])
def test_a_whole_float_is_read_as_an_integer_identifier(cell: object, text: str) -> None:
    """Data frames convert 7 to 7.0 if another cell of the column is empty."""
    assert words(cell) == text


def test_a_choice_is_read_in_any_spelling() -> None:
    """Exports contain `Mobile Banking` or `MOBILE-BANKING`."""
    assert choice("Mobile Banking") == choice("MOBILE-BANKING") == "mobile_banking"
