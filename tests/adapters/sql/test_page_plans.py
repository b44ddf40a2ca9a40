"""The lists read few rows, through the index that is meant for their filter."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.dashboard_records import SqlDashboardRecords
from risksentinel.adapters.sql.list_records import SqlListRecords
from risksentinel.adapters.sql.pages import moment_key
from risksentinel.adapters.sql.report_records import SqlReportRecords
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.domain.alert import AlertStatus
from risksentinel.domain.report_filing import ReportStatus
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import RiskLevel
from risksentinel.ports.alert_records import AlertFilter
from risksentinel.ports.report_records import ReportFilter
from risksentinel.ports.transaction_records import TransactionFilter
from tests.adapters.sql.million import BUSY
from tests.adapters.sql.page_plans import (
    Explained,
    PagePlan,
    explained_postgresql,
    explained_sqlite,
)
from tests.adapters.sql.samples import NOW

PAGE = 50
DAY = timedelta(days=1)
STATUS, LEVEL = TransactionStatus, RiskLevel


@pytest.fixture(
    scope="module",
    params=[
        "sqlite_year",
        "analyzed_sqlite_year",
        pytest.param("year", marks=pytest.mark.needs_server),
    ],
)
def year_of(request: pytest.FixtureRequest) -> Explained:
    """A year of payments: on SQLite without and with statistics, on PostgreSQL with them."""
    engine: Engine = request.getfixturevalue(request.param)
    return explained_sqlite(engine) if "sqlite" in request.param else explained_postgresql(engine)


def frugal(plans: list[PagePlan], most: int) -> None:
    """The plans scan no table, sort nothing, and read little."""
    assert plans
    for plan in plans:
        assert plan.scanned == set(), plan
        assert not plan.sorts, plan
        assert plan.effort <= most, plan


def reads(year_of: Explained, plan: PagePlan, table: str, indexes: set[str], by_time: str) -> None:
    """The plan reads the table through these indexes, if it reads any row."""
    others = {by_time} if year_of.knows_values else set()
    assert plan.indexes.get(table, frozenset()) <= indexes | others, plan


def index_of_payments(which: TransactionFilter) -> str:
    """The index that is meant for the filter."""
    by_sender = which.sender_id is not None
    if which.status not in (None, STATUS.APPROVED):
        return f"ix_transactions_{'sender_id' if by_sender else 'status'}_not_approved"
    if which.risk_level not in (None, LEVEL.LOW):
        return f"ix_transactions_{'sender_id' if by_sender else 'risk_level'}_not_low"
    return f"ix_transactions_{'sender_id_' if by_sender else ''}occurred_at_id"


@pytest.mark.parametrize(
    ("status", "level"),
    [
        (None, None),
        (None, LEVEL.LOW),
        (None, LEVEL.MEDIUM),
        (None, LEVEL.CRITICAL),
        (STATUS.APPROVED, None),
        (STATUS.APPROVED, LEVEL.LOW),
        (STATUS.APPROVED, LEVEL.CRITICAL),
        (STATUS.DECLINED, None),
        (STATUS.DECLINED, LEVEL.CRITICAL),
        (STATUS.RECEIVED, None),
    ],
)
def test_a_page_of_payments_reads_its_index(
    year_of: Explained, status: TransactionStatus | None, level: RiskLevel | None
) -> None:
    """A filter that matches few payments or none must not read the others, on any page."""
    records = SqlTransactionRecords(year_of.engine)
    middle = moment_key(NOW - 150 * DAY, "tx-1")
    for sender, (since, until), after in product(
        [None, "acc-17", BUSY, "unknown"],
        [(None, None), (NOW - 200 * DAY, None), (None, NOW - 100 * DAY), (NOW - DAY, NOW)],
        [None, middle],
    ):
        which = TransactionFilter(status, sender, level, since, until)

        plans = year_of.explain(lambda: records.transactions(which, after, PAGE))  # noqa: B023 - called at once

        frugal(plans, year_of.limit)
        rare = index_of_payments(which).endswith(("_not_approved", "_not_low"))
        by_time = index_of_payments(which) if rare else "ix_transactions_occurred_at_id"
        reads(year_of, plans[0], "transactions", {index_of_payments(which)}, by_time)


@pytest.mark.parametrize("severity", [None, LEVEL.MEDIUM, LEVEL.HIGH, LEVEL.CRITICAL])
@pytest.mark.parametrize("status", [None, *AlertStatus])
def test_a_page_of_alerts_reads_an_index_of_its_filter(
    year_of: Explained, severity: RiskLevel | None, status: AlertStatus | None
) -> None:
    """A desk reloads its list all day."""
    records = SqlAlertRecords(year_of.engine)
    middle = moment_key(NOW - 150 * DAY, "al-1")
    for assignee, after in product([None, "desk-7", "unknown"], [None, middle]):
        which = AlertFilter(severity, status, assignee)
        given = {"severity": severity, "status": status, "assignee": assignee}
        indexes = {f"ix_alerts_{name}_raised_at_id" for name, value in given.items() if value}

        plans = year_of.explain(lambda: records.alerts(which, after, PAGE))  # noqa: B023 - called at once

        frugal(plans, year_of.limit)
        by_time = "ix_alerts_raised_at_id"
        reads(year_of, plans[0], "alerts", indexes or {by_time}, by_time)


@pytest.mark.parametrize("kind", [None, *ReportKind])
@pytest.mark.parametrize("status", [None, *ReportStatus])
def test_a_page_of_reports_reads_an_index_of_its_filter(
    year_of: Explained, kind: ReportKind | None, status: ReportStatus | None
) -> None:
    """An officer reloads what is open and due until nothing is left."""
    records, today = SqlReportRecords(year_of.engine), NOW.date()
    middle = moment_key(today - 150 * DAY, "rp-1")
    for (due_from, due_to), after in product(
        [(None, None), (today - 2 * DAY, None), (None, today - 100 * DAY), (today, today)],
        [None, middle],
    ):
        which = ReportFilter(kind, status, due_from, due_to)
        given = {"kind": kind, "status": status}
        names = [name for name, value in given.items() if value] or [""]
        indexes = {f"ix_statutory_reports_{name}_due_on_id".replace("__", "_") for name in names}

        plans = year_of.explain(lambda: records.reports(which, after, PAGE))  # noqa: B023 - called at once

        frugal(plans, year_of.limit)
        reads(year_of, plans[0], "statutory_reports", indexes, "ix_statutory_reports_due_on_id")


@pytest.mark.parametrize(("value", "after"), [(None, None), (None, ("tx-5000",)), ("tx-77", None)])
def test_a_page_of_entries_reads_the_key(
    year_of: Explained, value: str | None, after: tuple[str] | None
) -> None:
    """A list may have a million entries."""
    records = SqlListRecords(year_of.engine)
    named = records.named("mules")

    plans = year_of.explain(lambda: records.entries(named, after, PAGE, value=value))

    frugal(plans, year_of.limit)
    key = (
        "sqlite_autoindex_list_entries_1"
        if year_of.engine.dialect.name == "sqlite"
        else "pk_list_entries"
    )
    reads(year_of, plans[0], "list_entries", {key}, key)


@pytest.mark.parametrize("days", [1, 31])
def test_the_dashboard_reads_its_hours_and_open_work(year_of: Explained, days: int) -> None:
    """Every open dashboard sends these queries every few seconds."""
    dashboard = SqlDashboardRecords(year_of.engine)

    plans = [
        *year_of.explain(lambda: dashboard.summary(NOW, days)),
        *year_of.explain(lambda: dashboard.risk_trend(NOW, days)),
    ]

    open_work = "ix_alerts_severity_unresolved"
    for plan in plans:
        assert plan.scanned == set(), plan
        assert plan.effort <= 10 * year_of.limit, plan
        reads(year_of, plan, "alerts", {open_work}, open_work)
