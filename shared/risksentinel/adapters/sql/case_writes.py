"""Alerts and statutory reports: locked for a change, and their next version stored."""

from sqlalchemy import Connection, select, update

from risksentinel.adapters.sql.alert_rows import alert_of, alert_row
from risksentinel.adapters.sql.report_rows import kept_report_of, report_row
from risksentinel.adapters.sql.tables import alerts, statutory_reports
from risksentinel.domain.alert import Alert
from risksentinel.domain.report_filing import StoredReport
from risksentinel.errors import NotFound, StaleVersion


def locked_alert(connection: Connection, alert_id: str) -> Alert:
    """The alert, locked against other writers until the transaction ends. Raises NotFound."""
    query = select(alerts).where(alerts.c.id == alert_id).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such alert")
    return alert_of(row)


def change_alert(connection: Connection, alert: Alert) -> None:
    """Store the next version of the alert. Raises StaleVersion where it is not the next."""
    change = update(alerts).where(alerts.c.id == alert.id, alerts.c.version == alert.version - 1)
    if connection.execute(change.values(alert_row(alert))).rowcount != 1:
        raise StaleVersion("the alert was changed by another request")


def locked_report(connection: Connection, report_id: str) -> StoredReport:
    """The report, locked against other writers until the transaction ends. Raises NotFound."""
    query = select(statutory_reports).where(statutory_reports.c.id == report_id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("there is no such report")
    return kept_report_of(row)


def change_report(connection: Connection, report: StoredReport) -> None:
    """Store the next version of the report. Raises StaleVersion where it is not the next."""
    change = update(statutory_reports).where(
        statutory_reports.c.id == report.id, statutory_reports.c.version == report.version - 1
    )
    if connection.execute(change.values(report_row(report))).rowcount != 1:
        raise StaleVersion("the report was changed by another request")
