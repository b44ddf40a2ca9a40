"""The metrics of slow and failing work make the alerts fire."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import urllib3
from sqlalchemy import text

from risksentinel.adapters.system_clock import now
from risksentinel.events import fraud_confirmed
from risksentinel.text import rfc3339
from tests.flow.alerts.scraping import SLOW, pay, scraped
from tests.flow.fault_bench import FaultBench
from tests.infra.devstack.stack.stack_process import wait_until
from tests.infra.observability.scraped import fires_on

LOCKED_SECONDS: Final = 0.5  # from the moment that the payment waits
WAITING: Final = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'transaction_claims'::regclass"
)


def test_payments_that_wait_for_the_database_page(bench: FaultBench, tmp_path: Path) -> None:
    """Another statement locks a table of the payments for half a second, several times."""
    before = scraped(bench)
    statuses = {
        status for number in range(5) for status in _pay_while_locked(bench, f"slow-{number}")
    }
    slow = scraped(bench)

    assert statuses == {201}
    expected = {("RiskSentinelSlowPayments", "page")}
    fires_on([before, slow], expected, tmp_path, goes_on=True)


def test_an_event_that_fails_by_a_bug_opens_a_ticket(bench: FaultBench, tmp_path: Path) -> None:
    """The function does not expect a missing table; its response 500 pages too."""
    assert pay(bench, "event", 1) == {201}
    before = scraped(bench)
    with _without_labels(bench):
        status = _report(bench, "event-0")
        failed = scraped(bench)
    again = _report(bench, "event-0")

    assert (status, again) == (500, 204)
    expected = {("RiskSentinelEventsFail", "ticket"), ("RiskSentinelErrors", "page")}
    fires_on([before, failed], expected, tmp_path, goes_on=True, but=SLOW)


def _pay_while_locked(bench: FaultBench, prefix: str) -> set[int]:
    with ThreadPoolExecutor(1) as caller:
        with bench.engine.begin() as connection:
            connection.execute(text("LOCK TABLE transaction_claims IN ACCESS EXCLUSIVE MODE"))
            paid = caller.submit(pay, bench, prefix, 1)
            wait_until(lambda: bench.count(WAITING, prefix) > 0, "the payment to wait")
            time.sleep(LOCKED_SECONDS)
        return paid.result()


@contextmanager
def _without_labels(bench: FaultBench) -> Iterator[None]:
    with bench.engine.begin() as connection:
        connection.execute(text("ALTER TABLE labels RENAME TO labels_elsewhere"))
    try:
        yield
    finally:
        with bench.engine.begin() as connection:
            connection.execute(text("ALTER TABLE labels_elsewhere RENAME TO labels"))


def _report(bench: FaultBench, payment_id: str) -> int:
    """Deliver a chargeback as the Kafka source does; return the status."""
    return urllib3.request(
        "POST",
        f"{bench.stack.environment['SCORE_URL']}/",
        json={
            "transaction_id": payment_id,
            "source": "chargeback",
            "reported_at": rfc3339.to_text(now()),
        },
        headers={
            "Authorization": f"Bearer {bench.stack.environment['EVENT_SECRET']}",
            "Content-Type": "application/json",
            "ce-specversion": "1.0",
            "ce-id": "chargeback-1",
            "ce-type": fraud_confirmed.TYPE,
            "ce-source": "/bank/disputes",
            "ce-subject": payment_id,
        },
        retries=False,
        timeout=60.0,
    ).status
