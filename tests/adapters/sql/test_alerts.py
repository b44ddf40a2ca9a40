from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.domain.alert import AlertChange, AlertStatus, Disposition
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import NotFound, StaleVersion
from tests.adapters.sql.samples import NOW, alert_of, payment, scored

LATER = NOW + timedelta(minutes=5)
ALERT = alert_of(scored(payment(), "0.8123", RiskLevel.HIGH))


@pytest.fixture
def ledger(engine: Engine) -> SqlLedger:
    """A ledger with one open alert."""
    ledger = SqlLedger(engine)
    with ledger.unit() as unit:
        unit.keep([scored(payment(), "0.8123", RiskLevel.HIGH)])
        unit.raise_alerts([ALERT])
    return ledger


def test_an_alert_comes_back_as_it_was(ledger: SqlLedger) -> None:
    """An analyst decides by what the alert says."""
    with ledger.unit() as unit:
        kept = unit.alert(ALERT.id)

    assert kept == SqlAlertRecords(ledger.engine).alert(ALERT.id) == ALERT


def test_a_change_comes_back_as_it_was(ledger: SqlLedger) -> None:
    """The next analyst goes on where the last one stopped."""
    change = AlertChange(
        AlertStatus.RESOLVED, Disposition.CONFIRMED_FRAUD, assignee="thandi", note="SIM swap"
    )

    with ledger.unit() as unit:
        changed = unit.alert(ALERT.id).changed(change, LATER)
        unit.change_alert(changed)

    assert SqlAlertRecords(ledger.engine).alert(ALERT.id) == changed


def test_a_change_of_an_old_version_is_refused(ledger: SqlLedger) -> None:
    """The second of two analysts must see what the first one wrote."""
    first = ALERT.changed(AlertChange(AlertStatus.ACKNOWLEDGED), LATER)
    with ledger.unit() as unit:
        unit.change_alert(first)

    with pytest.raises(StaleVersion), ledger.unit() as unit:
        unit.change_alert(ALERT.changed(AlertChange(note="mine"), LATER))

    assert SqlAlertRecords(ledger.engine).alert(ALERT.id) == first


def test_an_alert_is_held_until_the_unit_ends(ledger: SqlLedger) -> None:
    """Read, change and write must be one step, or a change is lost."""

    def add_to_the_note(_: int) -> None:
        with ledger.unit() as unit:
            alert = unit.alert(ALERT.id)
            unit.change_alert(alert.changed(AlertChange(note=f"{alert.note or ''}x"), LATER))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_to_the_note, range(24)))

    assert SqlAlertRecords(ledger.engine).alert(ALERT.id).note == "x" * 24


def test_an_unknown_alert_is_not_found(ledger: SqlLedger) -> None:
    """Nothing there and nothing known are two answers."""
    with pytest.raises(NotFound), ledger.unit() as unit:
        unit.alert("nobody")
    with pytest.raises(NotFound):
        SqlAlertRecords(ledger.engine).alert("nobody")
