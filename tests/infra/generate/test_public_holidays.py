from datetime import date

import pytest

from infra.generate.public_holidays import FIRST, LAST, TABLE, known, main, text
from risksentinel.domain.business_days import is_business_day
from risksentinel.domain.transaction import EARLIEST


def test_the_table_is_current() -> None:
    """The table is current with the installed library."""
    assert TABLE.read_text(encoding="utf-8") == text()
    assert main(["--check"]) == 0


@pytest.mark.parametrize("year", range(FIRST, LAST + 1))
def test_no_holiday_is_a_business_day(year: int) -> None:
    """The table is read back as it was written."""
    days = [day for day in known(year) if day.year == year]

    assert len(days) >= 7
    assert not any(map(is_business_day, days))


def test_an_outdated_table_is_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the command that updates the table."""
    monkeypatch.setattr("infra.generate.public_holidays.known", lambda year: [date(year, 2, 28)])

    assert main(["--check"]) == 1
    assert "make holidays" in capsys.readouterr().err


def test_the_table_begins_with_the_oldest_payment() -> None:
    """The table starts at EARLIEST, the oldest allowed payment."""
    assert EARLIEST.year == FIRST
