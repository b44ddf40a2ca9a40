"""The contract of alerts, statutory reports and labels in a unit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from risksentinel.domain.alert import AlertChange, AlertStatus, Disposition
from risksentinel.domain.label import Finding, LabelSource, Report
from risksentinel.domain.report_filing import ReportChange, ReportStatus
from risksentinel.domain.reviewed import Reviewed
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import NotFound, StaleVersion
from tests.adapters.sql.samples import NOW, alert_of, label_of, payment, report_of, scored
from tests.stores import Store

LATER = NOW + timedelta(minutes=5)
RISKY = scored(payment(), "0.8123", RiskLevel.HIGH)
ALERT = alert_of(RISKY)
REPORT = report_of(payment())
FILED = ReportChange(ReportStatus.FILED, "FIC-1", "by the portal")
NOT_STORED = "unknown"


@pytest.fixture
def cases(store: Store) -> Store:
    """A store with one payment, its open alert and its open report."""
    with store.ledger.unit() as unit:
        unit.keep([RISKY])
        unit.raise_alerts([ALERT])
        unit.owe_reports([REPORT])
    return store


def test_an_alert_is_read_as_it_was_written(cases: Store) -> None:
    """An analyst decides by the alert's content."""
    with cases.ledger.unit() as unit:
        stored = unit.alert(ALERT.id)

    assert stored == ALERT
    assert cases.alerts() == [ALERT]


def test_a_changed_alert_is_read_as_it_was_written(cases: Store) -> None:
    """The next analyst continues from the last change."""
    change = AlertChange(
        AlertStatus.RESOLVED, Disposition.CONFIRMED_FRAUD, assignee="thandi", note="SIM swap"
    )

    with cases.ledger.unit() as unit:
        changed = unit.alert(ALERT.id).changed(change, LATER)
        unit.change_alert(changed)

    assert cases.alerts() == [changed]


def test_a_change_of_an_old_version_of_an_alert_is_refused(cases: Store) -> None:
    """The second of two analysts must see the change of the first."""
    first = ALERT.changed(AlertChange(AlertStatus.ACKNOWLEDGED), LATER)
    with cases.ledger.unit() as unit:
        unit.change_alert(first)

    with pytest.raises(StaleVersion), cases.ledger.unit() as unit:
        unit.change_alert(ALERT.changed(AlertChange(note="mine"), LATER))

    assert cases.alerts() == [first]


def test_an_alert_is_locked_until_the_unit_ends(cases: Store) -> None:
    """Read, change and write must be one step; otherwise a change is lost."""

    def add_to_the_note(_: int) -> None:
        with cases.ledger.unit() as unit:
            alert = unit.alert(ALERT.id)
            unit.change_alert(alert.changed(AlertChange(note=f"{alert.note or ''}x"), LATER))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_to_the_note, range(24)))

    assert cases.alerts()[0].note == "x" * 24


def test_a_report_is_read_as_it_was_written(cases: Store) -> None:
    """The officer files the report's content."""
    with cases.ledger.unit() as unit:
        stored = unit.report(REPORT.id)
        filed = stored.changed(FILED, LATER)
        unit.change_report(filed)

    assert stored == REPORT
    assert cases.reports() == [filed]


def test_a_change_of_an_old_version_of_a_report_is_refused(cases: Store) -> None:
    """The second of two officers must see what the first one filed."""
    with cases.ledger.unit() as unit:
        unit.change_report(REPORT.changed(FILED, LATER))

    with pytest.raises(StaleVersion), cases.ledger.unit() as unit:
        unit.change_report(REPORT.changed(ReportChange(note="mine"), LATER))


def test_a_report_is_locked_until_the_unit_ends(cases: Store) -> None:
    """Read, change and write must be one step; otherwise a change is lost."""

    def add_to_the_note(_: int) -> None:
        with cases.ledger.unit() as unit:
            report = unit.report(REPORT.id)
            unit.change_report(report.changed(ReportChange(note=f"{report.note or ''}x"), LATER))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_to_the_note, range(24)))

    assert cases.reports()[0].note == "x" * 24


def test_a_label_is_read_with_its_payment(cases: Store) -> None:
    """The label that counts is chosen from all labels of a payment."""
    label = label_of(payment())

    with cases.ledger.unit() as unit:
        before = unit.reviewed("tx-1")
        unit.write_label(label)
        after = unit.reviewed("tx-1")

    assert (before, after) == (Reviewed(payment()), Reviewed(payment(), (label,)))
    assert cases.labels("tx-1") == [label]


def test_a_payment_is_locked_for_labels_until_the_unit_ends(cases: Store) -> None:
    """Two labels with one version number could not be ordered."""
    findings = [Finding.FRAUD, Finding.GENUINE] * 8

    def write(finding: Finding) -> None:
        report = Report("tx-1", LabelSource.ANALYST, finding)
        with cases.ledger.unit() as unit:
            label = unit.reviewed("tx-1").next(report, "thandi", LATER)
            if label is not None:
                unit.write_label(label)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, findings))

    versions = [label.version for label in cases.labels("tx-1")]
    assert versions == [*range(1, len(versions) + 1)]


def test_what_is_not_stored_is_not_found(cases: Store) -> None:
    """A change of a row that does not exist must not be reported as done."""
    with pytest.raises(NotFound), cases.ledger.unit() as unit:
        unit.alert(NOT_STORED)
    with pytest.raises(NotFound), cases.ledger.unit() as unit:
        unit.report(NOT_STORED)
    with pytest.raises(NotFound), cases.ledger.unit() as unit:
        unit.reviewed(NOT_STORED)
    with pytest.raises(NotFound), cases.ledger.unit() as unit:
        unit.rule(NOT_STORED)
