"""The contract of the event of a statutory report."""

from risksentinel.domain.report_filing import StoredReport
from risksentinel.domain.statutory_report import reports_due
from risksentinel.domain.verdict import Decision
from risksentinel.events import report_due
from risksentinel.events.registry import EVENTS, is_known
from tests.domain.test_statutory_report import CASH
from tests.strategies import NOW

(REPORT,) = reports_due(CASH)
KEPT = StoredReport("r-1", REPORT, Decision.DECLINE, NOW)


def test_what_consumers_read_stays_as_it_is() -> None:
    """Consumers depend on these names and formats."""
    event = report_due.encode(KEPT, "/risksentinel/ingest")

    assert event.attributes() == {
        "specversion": "1.0",
        "id": "r-1.due",
        "type": "za.risksentinel.report.due.v1",
        "source": "/risksentinel/ingest",
        "subject": "p-1",
        "partitionkey": "acc-1",
        "time": "2026-05-01T12:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:risksentinel:schema:report.due:1",
    }
    assert event.data == {
        "report_id": "r-1",
        "kind": "CTR",
        "section": "FIC Act, section 28",
        "transaction_id": "p-1",
        "sender_id": "acc-1",
        "receiver_id": "acc-2",
        "amount_zar": "50000.00",
        "threshold_zar": "49999.99",
        "due_on": "2026-05-06",
        "reason": REPORT.reason,
        "decision": "decline",
        "created_at": "2026-05-01T12:00:00Z",
    }


def test_the_topic_is_registered_without_a_consumer() -> None:
    """A topic that is not in the registry is not created."""
    assert EVENTS[report_due.TOPIC].consumer is None
    assert is_known(report_due.TYPE)
