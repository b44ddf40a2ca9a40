"""What the functions say of work that is slow or fails makes its alerts fire."""

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
from tests.flow.faults import Stand
from tests.infra.observability.scraped import fires_on

HELD: Final = 0.5  # seconds


def test_payments_that_wait_for_the_database_page(stand: Stand, tmp_path: Path) -> None:
    """Somebody's statement holds their table for half a second, again and again."""
    before = scraped(stand)
    statuses = {status for number in range(5) for status in _pay_held(stand, f"slow-{number}")}
    slow = scraped(stand)

    assert statuses == {201}
    expected = {("RiskSentinelSlowPayments", "page")}
    fires_on([before, slow], expected, tmp_path, goes_on=True)


def test_an_event_that_meets_a_bug_leaves_a_ticket(stand: Stand, tmp_path: Path) -> None:
    """A table that the function does not expect to be missing; its answer of 500 pages too."""
    assert pay(stand, "event", 1) == {201}
    before = scraped(stand)
    with _without_labels(stand):
        status = _report(stand, "event-0")
        failed = scraped(stand)
    again = _report(stand, "event-0")

    assert (status, again) == (500, 204)
    expected = {("RiskSentinelEventsFail", "ticket"), ("RiskSentinelErrors", "page")}
    fires_on([before, failed], expected, tmp_path, goes_on=True, but=SLOW)


def _pay_held(stand: Stand, prefix: str) -> set[int]:
    with ThreadPoolExecutor(1) as caller:
        with stand.engine.begin() as connection:
            connection.execute(text("LOCK TABLE transaction_claims IN ACCESS EXCLUSIVE MODE"))
            paid = caller.submit(pay, stand, prefix, 1)
            time.sleep(HELD)
        return paid.result()


@contextmanager
def _without_labels(stand: Stand) -> Iterator[None]:
    with stand.engine.begin() as connection:
        connection.execute(text("ALTER TABLE labels RENAME TO labels_elsewhere"))
    try:
        yield
    finally:
        with stand.engine.begin() as connection:
            connection.execute(text("ALTER TABLE labels_elsewhere RENAME TO labels"))


def _report(stand: Stand, payment_id: str) -> int:
    """Deliver a chargeback as a source does; answers the status."""
    return urllib3.request(
        "POST",
        f"{stand.stack.environment['SCORE_URL']}/",
        json={
            "transaction_id": payment_id,
            "source": "chargeback",
            "reported_at": rfc3339.to_text(now()),
        },
        headers={
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
