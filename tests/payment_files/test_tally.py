import pytest

from risksentinel.errors import Violation
from risksentinel.payment_files.payment import RefusedRow
from risksentinel.payment_files.row import BrokenRow
from risksentinel.payment_files.sinks import PaymentResult
from risksentinel.payment_files.tally import MAX_REASONS, Durations, ImportTally


def test_percentiles_are_those_of_the_durations() -> None:
    """Percentiles are exact to one per cent."""
    durations = Durations()

    for milliseconds in range(1, 101):
        durations.add(milliseconds / 1000)

    assert durations.percentile(0.5) == pytest.approx(0.050, rel=0.01)
    assert durations.percentile(0.99) == pytest.approx(0.099, rel=0.01)
    assert durations.percentile(1.0) == pytest.approx(0.100, rel=0.01)
    assert Durations().percentile(0.5) is None


def test_many_different_reasons_are_summed_up() -> None:
    """Neither the report nor the memory grows with the file."""
    tally = ImportTally()

    for number in range(1000):
        tally.refuse(RefusedRow(BrokenRow(number, number, "", ""), (Violation("", str(number)),)))

    assert len(tally.refused) == MAX_REASONS + 1
    assert tally.refused["other reasons"].count == 1000 - MAX_REASONS
    assert all(len(group.places) <= 5 for group in tally.refused.values())


@pytest.mark.parametrize(
    ("result", "raised"),
    [
        (PaymentResult(201, "high"), True),
        (PaymentResult(201, "low"), False),
        (PaymentResult(201, "high", alerted=False), False),
        (PaymentResult(201, "low", alerted=True), True),
        (PaymentResult(200, "critical"), False),
        (PaymentResult(200, "critical", alerted=True), False),
    ],
)
def test_an_alert_is_counted_for_new_payments_only(result: PaymentResult, *, raised: bool) -> None:
    """A known payment raised its alert at the first import."""
    assert result.raised_alert is raised
