"""The metrics of a whole stack during a fault make the alerts of the fault fire."""

import time
from pathlib import Path
from typing import Final

import urllib3

from tests.flow.alerts.scraping import OLDEST, SLOW, pay, scraped, wait_until_ready
from tests.flow.fault_bench import FaultBench
from tests.infra.observability.scraped import fires_on

OUTAGE_SECONDS: Final = 3.0  # between two scrapes; the test of the rules sets them 30 s apart


def test_a_healthy_stack_without_a_model_fires_no_alert(bench: FaultBench, tmp_path: Path) -> None:
    """Neither without load nor while payments are scored."""
    at_rest = scraped(bench)
    statuses = pay(bench, "healthy")
    after = scraped(bench)

    assert statuses == {201}
    fires_on([at_rest, at_rest], (), tmp_path, goes_on=True)
    fires_on([at_rest, after], (), tmp_path, goes_on=True, but=SLOW)


def test_an_unavailable_history_pages_that_signals_are_silent(
    bench: FaultBench, tmp_path: Path
) -> None:
    """No other alert fires: payments are still scored."""
    before = scraped(bench)
    bench.redis.stop()
    try:
        statuses = pay(bench, "redis")
        away = scraped(bench)
    finally:
        bench.redis.start()
        wait_until_ready(bench)

    assert statuses == {201}
    expected = {("RiskSentinelSilentSignals", "page")}
    fires_on([before, away], expected, tmp_path, goes_on=True, but=SLOW)


def test_an_unavailable_database_pages_that_functions_are_not_ready_and_requests_fail(
    bench: FaultBench, tmp_path: Path
) -> None:
    """Metrics that a scrape reads from the database open a ticket; payments wait in Kafka."""
    before = scraped(bench)
    bench.postgres.stop()
    try:
        statuses = pay(bench, "postgres")
        rules = urllib3.request("GET", f"{bench.stack.url}/api/v1/rules/", retries=False).status
        away = scraped(bench)
    finally:
        bench.postgres.start()
        wait_until_ready(bench)

    assert (statuses, rules) == ({202}, 503)
    expected = {
        ("RiskSentinelErrors", "page"),
        ("RiskSentinelNotReady", "page"),
        ("RiskSentinelOutboxUnread", "ticket"),
    }
    fires_on([before, away], expected, tmp_path, goes_on=True, but=SLOW)


def test_an_unavailable_broker_pages_that_outbox_events_get_old(
    bench: FaultBench, tmp_path: Path
) -> None:
    """The age of the oldest outbox event grows during the outage."""
    healthy = scraped(bench)
    bench.kafka.stop()
    try:
        statuses = pay(bench, "kafka")
        before = scraped(bench)
        time.sleep(OUTAGE_SECONDS)
        away = scraped(bench)
    finally:
        bench.kafka.start()
        wait_until_ready(bench)

    assert statuses == {201}
    expected = {("RiskSentinelOutboxOld", "page")}
    fires_on([healthy, before, away], expected, tmp_path, rising={OLDEST}, but=SLOW)
