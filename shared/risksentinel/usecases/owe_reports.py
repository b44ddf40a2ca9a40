"""owe_reports: statutory reports, stored and published in the commit of their payments."""

from collections.abc import Sequence

from risksentinel.domain.report_filing import StoredReport
from risksentinel.domain.verdict import Scored
from risksentinel.events import report_due
from risksentinel.ports.environment import NewId, TraceContexts
from risksentinel.ports.ledger import Unit


def owe_reports(
    unit: Unit, scored: Sequence[Scored], new_id: NewId, source: str, origins: TraceContexts
) -> None:
    """Store the reports of payments whose first verdict was just stored, and publish them."""
    reports = [
        StoredReport.due(new_id(), report, pair.verdict)
        for pair in scored
        for report in pair.verdict.reports
    ]
    unit.owe_reports(reports)
    unit.enqueue(
        [
            report_due.encode(each, source, origins.get(each.report.transaction_id))
            for each in reports
        ]
    )
