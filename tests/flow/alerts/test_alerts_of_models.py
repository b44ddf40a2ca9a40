"""What the functions say of a model that drifts, is refused or is gone makes its alerts fire.

These tests come after those of a stack without a model.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Final

import urllib3

from risksentinel.adapters.system_clock import now
from risksentinel.text import rfc3339
from tests.flow.alerts.scraping import SLOW, figure, pay, payment, scraped, wait_until_well
from tests.flow.faults import Stand
from tests.flow.promoting import by_hour, done, good, publish, truncated
from tests.infra.devstack.stack.stack_process import wait_until
from tests.infra.observability.scraped import fires_on

IN_USE: Final = "risksentinel_model_in_use"
FAULTY: Final = "risksentinel_model_faulty"
ENOUGH: Final = 240  # payments; drift is read from 200 on
MORNING: Final = 6  # in UTC; two hours later in South Africa
AFTERNOON: Final = 14
SCORERS: Final = ("ingest", "score")


def test_payments_that_moved_from_the_training_leave_a_ticket(stand: Stand, tmp_path: Path) -> None:
    """A quarter of the payments of the training was made in the afternoon, and now none is."""
    publish(stand.stack, by_hour("v1"), tmp_path)
    publish(stand.stack, by_hour("v2"), tmp_path)
    _promote(stand, "v1")
    as_trained = _pay_many(stand, "as-trained", (MORNING, MORNING, MORNING, AFTERNOON))
    usual = scraped(stand)
    _promote(stand, "v2")
    moved = _pay_many(stand, "moved", (MORNING,))
    drifted = scraped(stand)

    assert (as_trained, moved) == (200, 200)
    fires_on([usual], (), tmp_path, but=SLOW)
    fires_on([drifted], {("RiskSentinelModelDrifted", "ticket")}, tmp_path, but=SLOW)


def test_a_version_that_is_refused_leaves_a_ticket(stand: Stand, tmp_path: Path) -> None:
    """The last good one serves on, so nothing else shows it."""
    publish(stand.stack, good("served"), tmp_path)
    publish(stand.stack, truncated("truncated"), tmp_path)
    _promote(stand, "served")
    before = scraped(stand)
    done(stand.stack, "promote", "truncated", "--force")
    _all_are(stand, FAULTY, 1)
    statuses = pay(stand, "refused")
    refused = scraped(stand)
    _promote(stand, "served")

    assert statuses == {201}
    expected = {("RiskSentinelModelNotInUse", "ticket")}
    fires_on([before, refused], expected, tmp_path, goes_on=True, but=SLOW)


def test_a_model_that_is_gone_after_a_restart_leaves_a_ticket(stand: Stand, tmp_path: Path) -> None:
    """Its folder was not mounted: there is none, which by itself is no fault."""
    publish(stand.stack, good("mounted"), tmp_path)
    _promote(stand, "mounted")
    models = Path(stand.stack.environment["MODEL_URI"])
    away = models.with_name("away")
    before = scraped(stand)
    models.rename(away)
    try:
        for name in SCORERS:
            _restart(stand, name)
        _all_are(stand, IN_USE, 0)
        pay(stand, "restarted")
        restarted = scraped(stand)
        statuses = pay(stand, "silent")
        silent = scraped(stand)
    finally:
        away.rename(models)
        wait_until_well(stand)

    assert statuses == {201}
    expected = {("RiskSentinelModelFellSilent", "ticket")}
    fires_on([before, restarted, silent], expected, tmp_path, goes_on=True, but=SLOW)


def _promote(stand: Stand, version: str) -> None:
    done(stand.stack, "promote", version, "--force")
    for name in SCORERS:
        address = f"{stand.stack.environment[f'{name.upper()}_URL']}/health/readiness"

        def serves(address: str = address) -> bool:
            checks = urllib3.request("GET", address, timeout=30.0).json()["checks"]
            return bool(checks["model"] == "ok")

        wait_until(serves, f"{name} to serve {version}")
    _all_are(stand, IN_USE, 1)
    _all_are(stand, FAULTY, 0)


def _all_are(stand: Stand, name: str, value: int) -> None:
    def stated() -> bool:
        text = scraped(stand)
        return {figure(text, name, function=each) for each in SCORERS} == {value}

    wait_until(stated, f"{name} of {value}")


def _restart(stand: Stand, name: str) -> None:
    before = stand.stack.pids[name]
    stand.kill(name)
    wait_until(lambda: stand.stack.pids.get(name, before) != before, f"{name} to come back")


def _pay_many(stand: Stand, prefix: str, hours: Sequence[int]) -> int:
    """Send payments of yesterday, at these hours in turn; answers the status."""
    day = now().replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    payments = [
        payment(f"{prefix}-{n}") | {"occurred_at": rfc3339.to_text(day.replace(hour=hour))}
        for n, hour in zip(range(ENOUGH), cycle(hours), strict=False)
    ]
    answer = urllib3.request(
        "POST",
        f"{stand.stack.url}/api/v1/transactions/batch",
        json={"transactions": payments},
        retries=False,
        timeout=60.0,
    )
    return answer.status
