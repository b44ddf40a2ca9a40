"""What the functions of a whole stack say of themselves in a fault makes its alerts fire."""

import time
from pathlib import Path
from typing import Final

import urllib3

from tests.flow.alerts.scraping import OLDEST, SLOW, pay, scraped, wait_until_well
from tests.flow.faults import Stand
from tests.infra.observability.scraped import fires_on

SECONDS_AWAY: Final = 3.0  # between two scrapes; played they are half a minute apart


def test_a_healthy_stack_without_a_model_alerts_nobody(stand: Stand, tmp_path: Path) -> None:
    """At rest, and while payments are scored without a model."""
    at_rest = scraped(stand)
    statuses = pay(stand, "healthy")
    after = scraped(stand)

    assert statuses == {201}
    fires_on([at_rest, at_rest], (), tmp_path, goes_on=True)
    fires_on([at_rest, after], (), tmp_path, goes_on=True, but=SLOW)


def test_a_history_that_is_away_pages_that_signals_are_silent(stand: Stand, tmp_path: Path) -> None:
    """And of nothing else: payments go on."""
    before = scraped(stand)
    stand.redis.stop()
    try:
        statuses = pay(stand, "redis")
        away = scraped(stand)
    finally:
        stand.redis.start()
        wait_until_well(stand)

    assert statuses == {201}
    expected = {("RiskSentinelSilentSignals", "page")}
    fires_on([before, away], expected, tmp_path, goes_on=True, but=SLOW)


def test_a_database_that_is_away_pages_that_functions_are_not_ready_and_requests_fail(
    stand: Stand, tmp_path: Path
) -> None:
    """What is read from the database at a scrape is a ticket; payments wait in Kafka."""
    before = scraped(stand)
    stand.postgres.stop()
    try:
        statuses = pay(stand, "postgres")
        rules = urllib3.request("GET", f"{stand.stack.url}/api/v1/rules/", retries=False).status
        away = scraped(stand)
    finally:
        stand.postgres.start()
        wait_until_well(stand)

    assert (statuses, rules) == ({202}, 503)
    expected = {
        ("RiskSentinelErrors", "page"),
        ("RiskSentinelNotReady", "page"),
        ("RiskSentinelOutboxUnread", "ticket"),
    }
    fires_on([before, away], expected, tmp_path, goes_on=True, but=SLOW)


def test_a_broker_that_is_away_pages_that_announcements_get_old(
    stand: Stand, tmp_path: Path
) -> None:
    """The oldest one is a second older with each second."""
    healthy = scraped(stand)
    stand.kafka.stop()
    try:
        statuses = pay(stand, "kafka")
        before = scraped(stand)
        time.sleep(SECONDS_AWAY)
        away = scraped(stand)
    finally:
        stand.kafka.start()
        wait_until_well(stand)

    assert statuses == {201}
    expected = {("RiskSentinelOutboxOld", "page")}
    fires_on([healthy, before, away], expected, tmp_path, rising={OLDEST}, but=SLOW)
