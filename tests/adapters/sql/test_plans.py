from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import Engine

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.dashboard_records import SqlDashboardRecords
from risksentinel.adapters.sql.driver import driver
from risksentinel.adapters.sql.engine import looking, open_engine
from risksentinel.adapters.sql.id_claims import LOOK
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.adapters.sql.report_records import SqlReportRecords
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.domain.alert import AlertStatus
from risksentinel.domain.report_filing import ReportStatus
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import RiskLevel
from risksentinel.migrations.migrate import migrate
from risksentinel.ports.alert_records import AlertFilter
from risksentinel.ports.report_records import ReportFilter
from risksentinel.ports.transaction_records import TransactionFilter
from tests.adapters.sql.million import PAYMENTS, load
from tests.adapters.sql.own_schema import own_schema
from tests.adapters.sql.plans import Plan, explained
from tests.adapters.sql.samples import NOW

PAGE = 50
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def year(postgres_server: RunningServer) -> Iterator[Engine]:
    """A year with a million payments."""
    with own_schema(postgres_server.settings["DATABASE_URL"]) as address:
        migrate(address)
        engine = open_engine(address, statement_seconds=0)
        load(engine, NOW - 364 * DAY, NOW)
        yield engine
        engine.dispose()


def frugal(plans: list[Plan], pages: int) -> None:
    """The plans read no big table from one end to the other, and few pages in all."""
    assert plans
    for plan in plans:
        assert plan.scanned == set(), plan
        assert plan.pages <= pages, (plan.pages, plan)


@pytest.mark.parametrize(
    "which",
    [
        TransactionFilter(*chosen)
        for chosen in product(
            [None, TransactionStatus.APPROVED, TransactionStatus.DECLINED],
            [None, "acc-17"],
            [None, RiskLevel.LOW, RiskLevel.CRITICAL],
            [None, NOW - 30 * DAY],
            [None, NOW - 20 * DAY],
        )
    ],
    ids=lambda which: "-".join(
        name
        for name in ("status", "sender_id", "risk_level", "since", "until")
        if getattr(which, name)
    ),
)
def test_a_page_of_payments_costs_what_it_shows(year: Engine, which: TransactionFilter) -> None:
    """An analyst's filter must not slow down the payments of everybody."""
    records = SqlTransactionRecords(year)

    first = explained(year, lambda: records.transactions(which, None, PAGE))

    frugal(first, 3_000)


def test_a_page_far_down_costs_no_more_than_the_first(year: Engine) -> None:
    """The next page starts at a key; an offset would be counted from the start."""
    records, before = SqlTransactionRecords(year), NOW - 200 * DAY
    microseconds = (before - datetime(1, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    key = (str(microseconds), "tx-1")

    far = explained(year, lambda: records.transactions(TransactionFilter(), key, PAGE))

    frugal(far, 2_000)


@pytest.mark.parametrize(
    "which",
    [
        AlertFilter(*chosen)
        for chosen in product(
            [None, RiskLevel.CRITICAL],
            [None, AlertStatus.OPEN, AlertStatus.RESOLVED],
            [None, "desk-7"],
        )
    ],
    ids=str,
)
def test_a_page_of_alerts_costs_what_it_shows(year: Engine, which: AlertFilter) -> None:
    """A desk reloads its list all day."""
    plans = explained(year, lambda: SqlAlertRecords(year).alerts(which, None, PAGE))

    frugal(plans, 1_500)


@pytest.mark.parametrize(
    "which",
    [
        ReportFilter(*chosen)
        for chosen in product(
            [None, ReportKind.CTR],
            [None, ReportStatus.OPEN, ReportStatus.FILED],
            [None, NOW.date() - 2 * DAY],
            [None, NOW.date() + 2 * DAY],
        )
    ],
    ids=str,
)
def test_a_page_of_reports_costs_what_it_shows(year: Engine, which: ReportFilter) -> None:
    """An officer reloads what is open and due until nothing is left."""
    plans = explained(year, lambda: SqlReportRecords(year).reports(which, None, PAGE))

    frugal(plans, 1_500)


def test_the_reports_of_a_payment_are_looked_up(year: Engine) -> None:
    """From a payment to its reports leads its id."""
    which = ReportFilter(transaction_id=f"tx-{PAYMENTS // 2}")

    plans = explained(year, lambda: SqlReportRecords(year).reports(which, None, PAGE))

    frugal(plans, 40)


@pytest.mark.parametrize("number", [PAYMENTS // 2, PAYMENTS - 1])
def test_a_look_up_by_id_goes_into_one_month(year: Engine, number: int) -> None:
    """The claim has the month: twelve months must not cost twelve times as much."""
    records, name = SqlTransactionRecords(year), f"tx-{number}"
    calls: list[Callable[[], object]] = [
        lambda: SqlLedger(year).known([name]),
        lambda: records.transaction(name),
        lambda: records.explanation(name),
    ]

    for call in calls:
        plans = explained(year, call)

        frugal(plans, 40)
        assert {len(plan.touched("transactions")) for plan in plans} <= {0, 1}
        assert {len(plan.touched("risk_scores")) for plan in plans} <= {0, 1}


def test_a_batch_of_unknown_ids_reads_no_month(year: Engine) -> None:
    """Every batch of new payments starts with this query."""
    names = [f"new-{number}" for number in range(200)]

    plans = explained(year, lambda: SqlLedger(year).known(names))
    with looking(year) as connection, driver(connection) as line:
        explain = b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + LOOK
        row = line.postgresql.execute(explain, (names,)).fetchone()

    assert plans == []  # only the claims are read
    assert row
    frugal([Plan(LOOK.decode(), row[0][0]["Plan"])], 1_000)


def test_a_batch_that_came_before_looks_into_its_month_only(year: Engine) -> None:
    """A broker that delivers again does so within hours."""
    names = [f"tx-{PAYMENTS // 2 + number}" for number in range(200)]

    plans = explained(year, lambda: SqlLedger(year).known(names))

    frugal(plans, 6_000)
    assert max(len(plan.touched("transactions")) for plan in plans) <= 1


def test_the_dashboard_reads_a_day_and_not_a_year(year: Engine) -> None:
    """Every open dashboard sends the query every few seconds; a month must not cost more."""
    dashboard = SqlDashboardRecords(year)

    plans = [
        *explained(year, lambda: dashboard.summary(NOW)),
        *explained(year, lambda: dashboard.risk_trend(NOW)),
        *explained(year, lambda: dashboard.summary(NOW, 31)),
        *explained(year, lambda: dashboard.risk_trend(NOW, 31)),
    ]

    frugal(plans, 600)


def test_a_lease_looks_at_what_it_takes(year: Engine) -> None:
    """After an outage the outbox is long, and the relay must get through it."""
    plans = explained(year, lambda: SqlOutbox(year).lease(100, NOW, NOW + DAY))

    frugal(plans, 1_500)
