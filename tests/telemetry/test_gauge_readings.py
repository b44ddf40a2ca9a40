from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event
from time import perf_counter

import pytest

from risksentinel.errors import Unavailable
from risksentinel.http.function_app import function_app
from risksentinel.telemetry import metrics
from risksentinel.telemetry.gauge_readings import READ_SECONDS
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.telemetry.series import REGISTRY
from tests.timing import assert_within, in_time

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def watching() -> Iterator[FunctionMetrics]:
    """A function whose gauges are read during the test."""
    found = FunctionMetrics("watching")
    yield found
    found.unwatch()


def scraped(name: str) -> float | None:
    """The lines of a scrape about the function."""
    metrics.exposition("")
    return REGISTRY.get_sample_value(f"risksentinel_{name}", {"function": "watching"})


def unread(gauge: str) -> float:
    """The number of omissions of the gauge."""
    labels = {"function": "watching", "gauge": f"risksentinel_{gauge}"}
    return REGISTRY.get_sample_value("risksentinel_unread_gauges_total", labels) or 0.0


def test_the_outbox_is_read_at_each_scrape(watching: FunctionMetrics) -> None:
    """The depth must grow visibly while no relay runs."""
    waiting = [NOW - timedelta(seconds=90)]
    watching.watch_outbox(lambda: len(waiting), lambda: min(waiting, default=None), lambda: NOW)

    before = (scraped("outbox_depth"), scraped("outbox_oldest_seconds"))
    waiting.clear()
    after = (scraped("outbox_depth"), scraped("outbox_oldest_seconds"))

    assert before == (1, 90)
    assert after == (0, 0)


def test_an_unreadable_gauge_is_omitted_and_counted(watching: FunctionMetrics) -> None:
    """An old value would look current, and a failed scrape would hide all metrics."""
    answers: list[int | Exception] = [3, Unavailable("database"), ZeroDivisionError()]

    def depth() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    before = unread("dead_letters")
    watching.watch_dead_letters(depth)

    assert [scraped("dead_letters") for _ in range(3)] == [3, None, None]
    assert unread("dead_letters") == before + 2


@in_time
def test_a_hanging_source_delays_a_scrape_up_to_its_limit_and_uses_one_thread(
    watching: FunctionMetrics,
) -> None:
    """A hanging database must not hide the metrics of failed requests."""
    answered, asked = Event(), []

    def depth() -> int:
        asked.append(1)
        answered.wait(10)
        return 7

    watching.watch_dead_letters(depth)
    began = perf_counter()

    assert [scraped("dead_letters") for _ in range(2)] == [None, None]
    assert_within(perf_counter() - began, 2 * READ_SECONDS + 1)
    assert len(asked) == 1
    answered.set()
    assert scraped("dead_letters") == 7


def test_an_unwatched_gauge_is_absent(watching: FunctionMetrics) -> None:
    """The engine that the gauge read is closed."""
    watching.watch_dead_letters(lambda: 1)
    scraped("dead_letters")

    watching.unwatch()

    assert scraped("dead_letters") is None


@pytest.mark.parametrize(("fault", "value"), [(None, 1.0), (Unavailable("database"), 0.0)])
def test_a_scrape_has_the_readiness_of_the_function(fault: Exception | None, value: float) -> None:
    """For Prometheus a function that answers 503 to all requests is up."""

    def check() -> None:
        if fault is not None:
            raise fault

    client = function_app("readied", required={"database": check}).test_client()

    assert f'risksentinel_ready{{function="readied"}} {value}' in client.get("/metrics").text
