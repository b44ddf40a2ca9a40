"""The metrics of a model that drifts, is refused or is missing make the alerts fire.

These tests run after the tests of a stack without a model.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import cycle
from math import isnan
from pathlib import Path
from typing import Final

import urllib3

from risksentinel.adapters.system_clock import now
from risksentinel.text import rfc3339
from tests.flow.alerts.scraping import (
    SLOW,
    figure,
    pay,
    payment,
    scraped,
    wait_until_ready,
)
from tests.flow.fault_bench import FaultBench
from tests.flow.promoting import by_hour, good, publish, run, truncated
from tests.infra.devstack.stack.stack_process import wait_until
from tests.infra.observability.scraped import figures, fires_on

IN_USE: Final = "risksentinel_model_in_use"
FAULTY: Final = "risksentinel_model_faulty"
DRIFT: Final = "risksentinel_model_score_drift"
LARGE_DRIFT: Final = 0.25  # the limit of the alert rule
ENOUGH: Final = 240  # payments; drift is reported from 200 payments on
MORNING: Final = 6  # in UTC; two hours later in South Africa
AFTERNOON: Final = 14
SCORERS: Final = ("ingest", "score")


def test_drift_of_the_payments_opens_a_ticket(bench: FaultBench, tmp_path: Path) -> None:
    """A quarter of the payments of the training was made in the afternoon, and now none."""
    publish(bench.stack, by_hour("v1"), tmp_path)
    publish(bench.stack, by_hour("v2"), tmp_path)
    _promote(bench, "v1")
    as_trained = _pay_many(bench, "as-trained", (MORNING, MORNING, MORNING, AFTERNOON))
    usual = _scraped_with_drift(bench, lambda drift: drift < LARGE_DRIFT)
    _promote(bench, "v2")
    moved = _pay_many(bench, "moved", (MORNING,))
    drifted = _scraped_with_drift(bench, lambda drift: drift >= LARGE_DRIFT)

    assert (as_trained, moved) == (200, 200)
    fires_on([usual], (), tmp_path, but=SLOW)
    fires_on([drifted], {("RiskSentinelModelDrifted", "ticket")}, tmp_path, but=SLOW)


def test_a_refused_version_opens_a_ticket(bench: FaultBench, tmp_path: Path) -> None:
    """The last good version stays in use, so no other alert fires."""
    publish(bench.stack, good("served"), tmp_path)
    publish(bench.stack, truncated("truncated"), tmp_path)
    _promote(bench, "served")
    before = scraped(bench)
    run(bench.stack, "promote", "truncated", "--force")
    _all_are(bench, FAULTY, 1)
    statuses = pay(bench, "refused")
    refused = scraped(bench)
    _promote(bench, "served")

    assert statuses == {201}
    expected = {("RiskSentinelModelNotInUse", "ticket")}
    fires_on([before, refused], expected, tmp_path, goes_on=True, but=SLOW)


def test_a_missing_model_after_a_restart_opens_a_ticket(bench: FaultBench, tmp_path: Path) -> None:
    """Its folder is not mounted; a deployment without any model is not a fault."""
    publish(bench.stack, good("mounted"), tmp_path)
    _promote(bench, "mounted")
    models = Path(bench.stack.environment["MODEL_URI"])
    away = models.with_name("away")
    before = scraped(bench)
    models.rename(away)
    try:
        for name in SCORERS:
            _restart(bench, name)
        _all_are(bench, IN_USE, 0)
        pay(bench, "restarted")
        restarted = scraped(bench)
        statuses = pay(bench, "silent")
        silent = scraped(bench)
    finally:
        away.rename(models)
        wait_until_ready(bench)

    assert statuses == {201}
    expected = {("RiskSentinelModelFellSilent", "ticket")}
    fires_on([before, restarted, silent], expected, tmp_path, goes_on=True, but=SLOW)


def _promote(bench: FaultBench, version: str) -> None:
    run(bench.stack, "promote", version, "--force")
    for name in SCORERS:
        address = f"{bench.stack.environment[f'{name.upper()}_URL']}/health/readiness"

        def serves(address: str = address) -> bool:
            checks = urllib3.request("GET", address, timeout=30.0).json()["checks"]
            return bool(checks["model"] == "ok")

        wait_until(serves, f"{name} to serve {version}")
    _all_are(bench, IN_USE, 1)
    _all_are(bench, FAULTY, 0)
    _scraped_with_drift(bench, isnan)


def _scraped_with_drift(bench: FaultBench, holds: Callable[[float], bool]) -> str:
    """Scrape until the drift that ingest reports fulfils the condition; return that scrape.

    A scrape has no drift, or that of the scrape before, while a slow reading has not ended.
    """
    texts: list[str] = []

    def reached() -> bool:
        texts.append(scraped(bench))
        series = figures(texts[-1], DRIFT, function="ingest")
        return bool(series) and holds(series[0])

    wait_until(reached, "the drift to be reported")
    return texts[-1]


def _all_are(bench: FaultBench, name: str, value: int) -> None:
    def reached() -> bool:
        text = scraped(bench)
        return {figure(text, name, function=each) for each in SCORERS} == {value}

    wait_until(reached, f"{name} of {value}")


def _restart(bench: FaultBench, name: str) -> None:
    before = bench.stack.pids[name]
    bench.kill(name)
    wait_until(lambda: bench.stack.pids.get(name, before) != before, f"{name} to come back")


def _pay_many(bench: FaultBench, prefix: str, hours: Sequence[int]) -> int:
    """Send payments of yesterday, at these hours in turn; return the status."""
    day = now().replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    payments = [
        payment(f"{prefix}-{n}") | {"occurred_at": rfc3339.to_text(day.replace(hour=hour))}
        for n, hour in zip(range(ENOUGH), cycle(hours), strict=False)
    ]
    answer = urllib3.request(
        "POST",
        f"{bench.stack.url}/api/v1/transactions/batch",
        json={"transactions": payments},
        retries=False,
        timeout=60.0,
    )
    return answer.status
