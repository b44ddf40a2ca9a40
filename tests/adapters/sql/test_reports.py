from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.report_records import SqlReportRecords
from risksentinel.domain.report_filing import ReportChange, ReportStatus, StoredReport
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.errors import NoCursor, NotFound
from risksentinel.ports.report_records import ReportFilter
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, payment, report_of

LATER = NOW + timedelta(minutes=5)
FILED = ReportChange(ReportStatus.FILED, "FIC-1", "by the portal")


def owed(engine: Engine, days: list[int]) -> list[StoredReport]:
    """Store a report for each payment, due that many days after NOW, of alternating kinds."""
    kinds = [ReportKind.CTR, ReportKind.IFTR]
    reports = [
        report_of(payment(f"tx-{n}"), kinds[n % 2], NOW.date() + timedelta(days=day))
        for n, day in enumerate(days)
    ]
    with SqlLedger(engine).unit() as unit:
        unit.owe_reports(reports)
    return sorted(reports, key=lambda kept: (kept.report.due_on, kept.id))


def test_a_payment_has_one_report_of_a_kind(engine: Engine) -> None:
    """Even a defect in our own code must not make the bank file one twice."""
    (kept,) = owed(engine, [3])

    with pytest.raises(IntegrityError), SqlLedger(engine).unit() as unit:
        unit.owe_reports([replace(kept, id="another")])

    page = SqlReportRecords(engine).reports(ReportFilter(), None, 9)
    assert [each.id for each in page.items] == [kept.id]


def test_one_report_is_read_by_its_id(engine: Engine) -> None:
    """An officer opens one report; an unknown id is reported as not found."""
    (kept,) = owed(engine, [3])
    records = SqlReportRecords(engine)

    assert records.report(kept.id) == kept
    with pytest.raises(NotFound):
        records.report("unknown")


@EFFORT
@given(st.lists(st.integers(0, 3), max_size=10), st.integers(1, 11))
def test_pages_show_each_report_once_the_soonest_due_first(
    database: Engine, days: list[int], most: int
) -> None:
    """A report that falls between two pages is filed late."""
    reports = owed(emptied(database), days)
    records = SqlReportRecords(database)

    page = records.reports(ReportFilter(), None, most)
    seen = list(page.items)
    while page.following is not None:
        page = records.reports(ReportFilter(), page.following, most)
        seen += page.items

    assert seen == reports


@pytest.mark.parametrize(
    ("which", "names"),
    [
        (ReportFilter(), ["tx-0", "tx-1", "tx-2", "tx-3"]),
        (ReportFilter(kind=ReportKind.IFTR), ["tx-1", "tx-3"]),
        (ReportFilter(status=ReportStatus.FILED), ["tx-0"]),
        (ReportFilter(status=ReportStatus.OPEN, due_to=date(2026, 5, 2)), ["tx-1"]),
        (ReportFilter(due_from=date(2026, 5, 2), due_to=date(2026, 5, 3)), ["tx-1", "tx-2"]),
        (ReportFilter(transaction_id="tx-2"), ["tx-2"]),
        (ReportFilter(kind=ReportKind.CTR, due_from=date(2026, 5, 4)), []),
    ],
    ids=str,
)
def test_a_filter_shows_what_it_names(
    engine: Engine, which: ReportFilter, names: list[str]
) -> None:
    """An officer starts with what is open and due today."""
    first = owed(engine, [0, 1, 2, 3])[0]
    with SqlLedger(engine).unit() as unit:
        unit.change_report(first.changed(FILED, LATER))

    page = SqlReportRecords(engine).reports(which, None, 9)

    assert [kept.report.transaction_id for kept in page.items] == names


@pytest.mark.parametrize(
    "key", [(), ("7",), ("2026-05-01", "r"), ("7", "\0"), ("", "r"), ("-1", "r")]
)
def test_a_key_that_is_none_is_refused(engine: Engine, key: tuple[str, ...]) -> None:
    """A cursor of another list must not show a wrong page."""
    with pytest.raises(NoCursor):
        SqlReportRecords(engine).reports(ReportFilter(), key, 9)
