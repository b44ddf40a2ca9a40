from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.report_filing import ReportChange, ReportStatus, StoredReport
from risksentinel.domain.statutory_report import reports_due
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Conflict
from tests.domain.test_statutory_report import CASH
from tests.strategies import NOW

(REPORT,) = reports_due(CASH)
OPEN = StoredReport("r-1", REPORT, Decision.APPROVE, NOW)
FILED = OPEN.changed(ReportChange(ReportStatus.FILED, "FIC-1"), NOW)
LATER = NOW + timedelta(minutes=1)

changes = st.builds(
    ReportChange,
    status=st.none() | st.sampled_from(ReportStatus),
    reference=st.none() | st.sampled_from(["FIC-1", "FIC-2"]),
    note=st.none() | st.just("declined, no money moved"),
)


@given(st.lists(changes, max_size=8))
def test_a_report_is_filed_exactly_as_long_as_it_has_a_reference(
    made: list[ReportChange],
) -> None:
    """An inspector needs the reference of each filed report."""
    report = OPEN

    for change in made:
        before = report
        try:
            report = before.changed(change, LATER)
        except Conflict:
            continue
        assert (report.status is ReportStatus.FILED) == (report.reference is not None)
        assert report.status is not ReportStatus.NOT_REQUIRED or report.note
        assert report.version == before.version + 1
        assert report.report == REPORT


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (ReportChange(ReportStatus.FILED), "reference"),
        (ReportChange(reference="FIC-1"), "reference"),
        (ReportChange(ReportStatus.NOT_REQUIRED), "note"),
        (ReportChange(ReportStatus.NOT_REQUIRED, "FIC-1", "declined"), "reference"),
    ],
    ids=str,
)
def test_an_incomplete_change_is_a_conflict(change: ReportChange, path: str) -> None:
    """The message must say which field the officer has to add."""
    with pytest.raises(Conflict) as refused:
        OPEN.changed(change, LATER)

    assert [violation.path for violation in refused.value.violations] == [path]


def test_a_reference_is_not_overwritten() -> None:
    """If two officers file a report, the first reference must not be overwritten."""
    again = ReportChange(ReportStatus.FILED, "FIC-2")

    with pytest.raises(Conflict, match="open first"):
        FILED.changed(again, LATER)
    reopened = FILED.changed(ReportChange(ReportStatus.OPEN), LATER)

    assert reopened.reference is None
    assert reopened.changed(again, LATER).reference == "FIC-2"


def test_the_same_reference_again_changes_no_field_but_the_version() -> None:
    """A client repeats a request if it did not receive the response."""
    again = FILED.changed(ReportChange(ReportStatus.FILED, "FIC-1"), NOW)

    assert again == replace(FILED, version=3)
