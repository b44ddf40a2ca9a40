"""A page shows what its filter says, whichever index the database reads."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.pages import moment_key
from risksentinel.adapters.sql.report_records import SqlReportRecords
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel, Scored
from risksentinel.ports.report_records import ReportFilter
from risksentinel.ports.transaction_records import TransactionFilter
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, TODAY, payment, report_of, scored

MOST: Final = 200
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

hours = st.integers(0, 4)
verdicts = st.tuples(hours, st.sampled_from(["acc-1", "acc-2"]), st.sampled_from(RiskLevel))
times = st.none() | hours.map(lambda hour: NOW + hour * _HOUR)
filters = st.builds(
    TransactionFilter,
    st.none() | st.sampled_from(TransactionStatus),
    st.none() | st.sampled_from(["acc-1", "acc-3"]),
    st.none() | st.sampled_from(RiskLevel),
    times,
    times,
)
keys = st.none() | st.tuples(hours.map(lambda hour: NOW + hour * _HOUR), st.just("tx-3"))


def approved_by_rule(what: Scored) -> Scored:
    """The same payment, approved whatever its level is."""
    return replace(what, verdict=replace(what.verdict, decision=Decision.APPROVE, alert=False))


@EFFORT
@given(
    st.lists(st.tuples(verdicts, st.booleans()), max_size=12),
    st.lists(hours, max_size=2),
    filters,
    keys,
)
@example(
    [((0, "acc-1", RiskLevel.CRITICAL), True)],
    [],
    TransactionFilter(status=TransactionStatus.APPROVED, risk_level=RiskLevel.CRITICAL),
    None,
)
@example(
    [((0, "acc-1", RiskLevel.LOW), False), ((0, "acc-1", RiskLevel.MEDIUM), False)],
    [],
    TransactionFilter(status=TransactionStatus.APPROVED, risk_level=RiskLevel.MEDIUM),
    None,
)
def test_a_page_of_payments_shows_what_its_filter_says(
    database: Engine,
    made: list[tuple[tuple[int, str, RiskLevel], bool]],
    waiting: list[int],
    which: TransactionFilter,
    after: tuple[datetime, str] | None,
) -> None:
    """An approving rule gives a status that differs from the status of the level."""
    engine = emptied(database)
    batch = [
        approved_by_rule(what) if by_rule else what
        for number, ((hour, sender, level), by_rule) in enumerate(made)
        for what in [scored(payment(f"tx-{number}", sender, NOW + hour * _HOUR), level=level)]
    ]
    received = [payment(f"wait-{n}", at=NOW + hour * _HOUR) for n, hour in enumerate(waiting)]
    with SqlLedger(engine).unit() as unit:
        unit.keep(batch)
        unit.receive(received, NOW)
    key = None if after is None else moment_key(*after)

    page = SqlTransactionRecords(engine).transactions(which, key, MOST)

    stored = [
        *((each.transaction, each.verdict.status, each.verdict.risk_level) for each in batch),
        *((each, TransactionStatus.RECEIVED, None) for each in received),
    ]
    expected = [
        (each.occurred_at, each.id)
        for each, status, level in stored
        if which.status in (None, status)
        and which.risk_level in (None, level)
        and which.sender_id in (None, each.sender_id)
        and (which.since is None or each.occurred_at >= which.since)
        and (which.until is None or each.occurred_at < which.until)
        and (after is None or (each.occurred_at, each.id) < after)
    ]
    shown = [(each.transaction.occurred_at, each.transaction.id) for each in page.items]
    assert shown == sorted(expected, reverse=True)


days = st.integers(0, 4).map(lambda day: TODAY + day * _DAY)


@EFFORT
@given(
    st.lists(days, max_size=10),
    st.none() | days,
    st.none() | days,
    st.none() | st.tuples(days, st.just("report-tx-3")),
)
def test_a_page_of_reports_shows_what_its_period_says(
    database: Engine,
    due: list[date],
    due_from: date | None,
    due_to: date | None,
    after: tuple[date, str] | None,
) -> None:
    """A page is limited by the period or by the key of the page before, whichever is later."""
    engine = emptied(database)
    reports = [report_of(payment(f"tx-{number}"), due_on=on) for number, on in enumerate(due)]
    with SqlLedger(engine).unit() as unit:
        unit.owe_reports(reports)
    which = ReportFilter(due_from=due_from, due_to=due_to)
    key = None if after is None else moment_key(*after)

    page = SqlReportRecords(engine).reports(which, key, MOST)

    expected = [
        (each.report.due_on, each.id)
        for each in reports
        if (due_from is None or each.report.due_on >= due_from)
        and (due_to is None or each.report.due_on <= due_to)
        and (after is None or (each.report.due_on, each.id) > after)
    ]
    assert [(each.report.due_on, each.id) for each in page.items] == sorted(expected)
