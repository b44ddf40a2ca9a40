"""What the functions of a whole stack say of themselves in a fault makes its alerts fire."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import urllib3

from tests.flow.faults import Stand, standing
from tests.infra.observability.scraped import fires_on

FUNCTIONS: Final = ("INGEST_URL", "SCORE_URL", "ALERT_DISPATCH_URL", "RULES_CRUD_URL")
PAYMENTS: Final = 10
SLOW: Final = "RiskSentinelSlowPayments"  # a machine that tests alone decides it, not the fault


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A stack whose servers are in our hands, without a model."""
    with standing(tmp_path_factory.mktemp("alerts")) as running:
        yield running


def test_a_healthy_stack_without_a_model_alerts_nobody(stand: Stand, tmp_path: Path) -> None:
    """At rest, and while payments are scored without a model."""
    at_rest = _scraped(stand)
    statuses = _pay(stand, "healthy")
    after = _scraped(stand)

    assert statuses == {201}
    fires_on([at_rest, at_rest], (), tmp_path, goes_on=True)
    fires_on([at_rest, after], (), tmp_path, goes_on=True, but=SLOW)


def test_a_history_that_is_away_pages_that_signals_are_silent(stand: Stand, tmp_path: Path) -> None:
    """And of nothing else: payments go on."""
    before = _scraped(stand)
    stand.redis.stop()
    try:
        statuses = _pay(stand, "redis")
        away = _scraped(stand)
    finally:
        stand.redis.start()

    assert statuses == {201}
    expected = {("RiskSentinelSilentSignals", "page")}
    fires_on([before, away], expected, tmp_path, goes_on=True, but=SLOW)


def test_a_database_that_is_away_pages_that_functions_are_not_ready(
    stand: Stand, tmp_path: Path
) -> None:
    """What is read from the database at a scrape is a ticket; payments wait in Kafka."""
    before = _scraped(stand)
    stand.postgres.stop()
    try:
        statuses = _pay(stand, "postgres")
        away = _scraped(stand)
    finally:
        stand.postgres.start()

    assert statuses == {202}
    expected = {
        ("RiskSentinelNotReady", "page"),
        ("RiskSentinelOutboxUnread", "ticket"),
    }
    # Whether a source delivers one of them, in vain, before the second scrape is chance.
    chance = f"{SLOW}|RiskSentinelErrors"
    fires_on([before, away], expected, tmp_path, goes_on=True, but=chance)


def _scraped(stand: Stand) -> str:
    """What Prometheus would read of all functions."""
    environment = stand.stack.environment
    texts = [
        urllib3.request("GET", f"{environment[name]}/metrics", timeout=30.0).data.decode()
        for name in FUNCTIONS
    ]
    return "".join(texts)


def _pay(stand: Stand, prefix: str) -> set[int]:
    """Send payments; answers the statuses of their answers."""
    return {
        urllib3.request(
            "POST",
            f"{stand.stack.url}/api/v1/transactions",
            json={
                "id": f"{prefix}-{number}",
                "sender_id": f"{prefix}-S{number}",
                "receiver_id": f"{prefix}-R",
                "amount_zar": "75.00",
                "channel": "pos",
            },
            retries=False,
            timeout=60.0,
        ).status
        for number in range(PAYMENTS)
    }
