from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql.driver import driver
from risksentinel.adapters.sql.engine import looking
from risksentinel.adapters.sql.id_claims import LOOK
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.adapters.sql.report_records import SqlReportRecords
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.ports.report_records import ReportFilter
from tests.adapters.sql.million import PAYMENTS
from tests.adapters.sql.plans import Plan, explained
from tests.adapters.sql.samples import NOW

PAGE = 50
DAY = timedelta(days=1)


def frugal(plans: list[Plan], pages: int) -> None:
    """The plans read no big table from one end to the other, and few pages in all."""
    assert plans
    for plan in plans:
        assert plan.scanned == set(), plan
        assert plan.pages <= pages, (plan.pages, plan)


def test_the_reports_of_a_payment_are_looked_up(year: Engine) -> None:
    """From a payment to its reports leads its id."""
    which = ReportFilter(transaction_id=f"tx-{PAYMENTS // 2}")

    plans = explained(year, lambda: SqlReportRecords(year).reports(which, None, PAGE))

    frugal(plans, 40)


@pytest.mark.parametrize("number", [PAYMENTS // 2, PAYMENTS - 1_000])
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


def test_a_lease_looks_at_what_it_takes(year: Engine) -> None:
    """After an outage the outbox is long, and the relay must get through it."""
    plans = explained(year, lambda: SqlOutbox(year).lease(100, NOW, NOW + DAY))

    frugal(plans, 1_500)
