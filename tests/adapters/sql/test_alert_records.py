from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.domain.alert import Alert, AlertChange, AlertStatus
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import NotFound
from risksentinel.ports.alert_records import AlertFilter
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, alert_of, payment, scored


def raised(engine: Engine, minutes: list[int]) -> list[Alert]:
    """Raise an alert so many minutes after NOW, each of another payment, high and critical."""
    levels = [RiskLevel.HIGH, RiskLevel.CRITICAL]
    batch = [
        scored(payment(f"tx-{n}"), "0.9000", levels[n % 2], NOW + timedelta(minutes=minute))
        for n, minute in enumerate(minutes)
    ]
    alerts = [alert_of(each) for each in batch]
    with SqlLedger(engine).unit() as unit:
        unit.keep(batch)
        unit.raise_alerts(alerts)
    return sorted(alerts, key=lambda alert: (alert.raised_at, alert.id), reverse=True)


@EFFORT
@given(st.lists(st.integers(0, 3), max_size=10), st.integers(1, 11))
def test_pages_show_each_alert_once_newest_first(
    database: Engine, minutes: list[int], most: int
) -> None:
    """An alert between two pages would never be worked on."""
    alerts = raised(emptied(database), minutes)
    records = SqlAlertRecords(database)

    page = records.alerts(AlertFilter(), None, most)
    seen = list(page.items)
    while page.following is not None:
        page = records.alerts(AlertFilter(), page.following, most)
        seen += page.items

    assert seen == alerts


@pytest.mark.parametrize(
    ("which", "names"),
    [
        (AlertFilter(), ["alert-tx-3", "alert-tx-2", "alert-tx-1", "alert-tx-0"]),
        (AlertFilter(severity=RiskLevel.CRITICAL), ["alert-tx-3", "alert-tx-1"]),
        (AlertFilter(status=AlertStatus.ACKNOWLEDGED), ["alert-tx-0"]),
        (AlertFilter(status=AlertStatus.OPEN, severity=RiskLevel.HIGH), ["alert-tx-2"]),
        (AlertFilter(assignee="thandi"), ["alert-tx-0"]),
        (AlertFilter(assignee="unknown"), []),
    ],
    ids=str,
)
def test_a_filter_shows_what_it_names(engine: Engine, which: AlertFilter, names: list[str]) -> None:
    """A desk works through its own alerts, the gravest first."""
    oldest = raised(engine, [0, 1, 2, 3])[-1]
    change = AlertChange(AlertStatus.ACKNOWLEDGED, assignee="thandi")
    with SqlLedger(engine).unit() as unit:
        unit.change_alert(oldest.changed(change, NOW))

    page = SqlAlertRecords(engine).alerts(which, None, 9)

    assert [alert.id for alert in page.items] == names


def test_one_alert_is_read_by_its_id(engine: Engine) -> None:
    """A channel's message links to one alert; an unknown id is reported as not found."""
    (alert,) = raised(engine, [0])
    records = SqlAlertRecords(engine)

    assert records.alert(alert.id) == alert
    with pytest.raises(NotFound):
        records.alert("unknown")
