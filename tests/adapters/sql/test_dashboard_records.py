from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql.dashboard_records import SqlDashboardRecords
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.domain.alert import AlertChange, AlertStatus, Disposition
from risksentinel.domain.money import LARGEST, Money
from risksentinel.domain.verdict import Decision, RiskLevel, Scored
from risksentinel.ports.dashboard_records import Summary, TrendHour
from tests.adapters.sql.samples import NOW, alert_of, payment, scored

HOUR = timedelta(hours=1)


def at(
    name: str, when: datetime, score: str = "0.4200", level: RiskLevel = RiskLevel.LOW
) -> Scored:
    """A payment that occurred then and was scored at once."""
    return scored(payment(name, at=when), score, level, when)


@pytest.fixture
def day(engine: Engine) -> SqlDashboardRecords:
    """A day with three payments scored, one of them risky; one too old; and one that waits."""
    risky = at("risky", NOW - HOUR, "0.9501", RiskLevel.CRITICAL)
    old = at("old", NOW - 24 * HOUR, "0.7000", RiskLevel.HIGH)
    with SqlLedger(engine).unit() as unit:
        unit.receive([payment("waits")], NOW)
        unit.keep(
            [
                risky,
                old,
                at("calm", NOW, "0.1000"),
                at("calmer", NOW - timedelta(minutes=30), "0.0000"),
            ]
        )
        unit.raise_alerts([alert_of(risky), alert_of(old)])
    return SqlDashboardRecords(engine)


def test_the_summary_tells_the_last_24_hours(day: SqlDashboardRecords) -> None:
    """A risk desk opens its day with these figures, and they must be exact."""
    assert day.summary(NOW) == Summary(
        since=NOW.replace(minute=0) - 23 * HOUR,
        transactions=3,
        amount_zar=Decimal("750.00"),
        mean_score=Decimal("0.3500"),
        decisions={Decision.APPROVE: 2, Decision.REVIEW: 0, Decision.DECLINE: 1},
        declined_zar=Decimal("250.00"),
        waiting_for_score=1,
        alerts_raised=1,
        alerts_open={
            RiskLevel.LOW: 0,
            RiskLevel.MEDIUM: 0,
            RiskLevel.HIGH: 1,
            RiskLevel.CRITICAL: 1,
        },
    )


def test_a_resolved_alert_waits_no_more(day: SqlDashboardRecords) -> None:
    """A desk that has done its work must see an empty list."""
    done = AlertChange(AlertStatus.RESOLVED, Disposition.FALSE_POSITIVE)
    with SqlLedger(day.engine).unit() as unit:
        unit.change_alert(unit.alert("alert-risky").changed(done, NOW))

    summary = day.summary(NOW)

    assert summary.alerts_open[RiskLevel.CRITICAL] == 0
    assert summary.alerts_raised == 1


def test_a_day_without_payments_has_no_mean(engine: Engine) -> None:
    """A mean of nothing is unknown, not zero."""
    summary = SqlDashboardRecords(engine).summary(NOW)

    assert summary.mean_score is None
    assert (summary.transactions, summary.amount_zar) == (0, Decimal("0.00"))


def test_the_largest_amounts_add_up(engine: Engine) -> None:
    """Twenty payments of the largest amount must not break the dashboard."""
    largest = [replace(payment(f"tx-{n}"), amount=Money(LARGEST)) for n in range(20)]
    with SqlLedger(engine).unit() as unit:
        unit.keep([scored(each) for each in largest])

    assert SqlDashboardRecords(engine).summary(NOW).amount_zar == LARGEST * 20


def test_the_trend_has_every_hour_of_the_last_24(day: SqlDashboardRecords) -> None:
    """A gap in a chart is read as no risk."""
    trend = day.risk_trend(NOW)

    begun = NOW.replace(minute=0)
    assert [each.hour for each in trend] == [begun - n * HOUR for n in range(23, -1, -1)]
    assert trend[-1] == TrendHour(begun, 2, Decimal("0.0500"), 0)
    assert trend[-2] == TrendHour(begun - HOUR, 1, Decimal("0.9501"), 1)
    assert trend[:-2] == [TrendHour(each.hour, 0, None, 0) for each in trend[:-2]]


def test_an_hour_holds_its_first_moment_and_not_the_next_one_s(engine: Engine) -> None:
    """A payment that is counted twice or not at all makes two figures disagree."""
    begun = NOW.replace(minute=0)
    first, moment = begun - 23 * HOUR, timedelta(microseconds=1)
    times = [first - moment, first, begun - moment, begun]
    batch = [at(f"tx-{n}", when) for n, when in enumerate(times)]
    with SqlLedger(engine).unit() as unit:
        unit.keep(batch)
        unit.raise_alerts([alert_of(each) for each in batch])

    trend = SqlDashboardRecords(engine).risk_trend(NOW)

    assert [each.transactions for each in trend] == [1] + [0] * 21 + [1, 1]
    assert [each.alerts for each in trend] == [1] + [0] * 21 + [1, 1]


def test_a_week_has_its_hours_and_its_sums(day: SqlDashboardRecords) -> None:
    """A request for seven days must not be answered with one."""
    summary, trend = day.summary(NOW, 7), day.risk_trend(NOW, 7)

    assert len(trend) == 7 * 24
    assert summary.since == trend[0].hour
    assert summary.transactions == sum(each.transactions for each in trend) == 4
    assert summary.alerts_raised == sum(each.alerts for each in trend) == 2


def test_old_payments_that_are_scored_today_do_not_fill_today(engine: Engine) -> None:
    """An imported year would hide what happens now."""
    history = [scored(payment(f"tx-{n}", at=NOW - timedelta(days=n)), at=NOW) for n in range(2, 90)]
    with SqlLedger(engine).unit() as unit:
        unit.keep(history)

    records = SqlDashboardRecords(engine)

    assert records.summary(NOW).transactions == 0
    assert records.summary(NOW, 7).transactions == 5
