from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event
from time import perf_counter

import pytest

from risksentinel.errors import Unavailable
from risksentinel.http.function_app import function_app
from risksentinel.telemetry import metrics
from risksentinel.telemetry.gauge_readings import READ_SECONDS
from risksentinel.telemetry.metrics import REGISTRY, FunctionMetrics
from tests.timing import assert_within, in_time

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def watching() -> Iterator[FunctionMetrics]:
    """A function whose gauges are read while the test lasts."""
    found = FunctionMetrics("watching")
    yield found
    found.unwatch()


def scraped(name: str) -> float | None:
    """What a scrape says of the function."""
    metrics.exposition("")
    return REGISTRY.get_sample_value(f"risksentinel_{name}", {"function": "watching"})


def unread(gauge: str) -> float:
    """How often the gauge was left out."""
    labels = {"function": "watching", "gauge": f"risksentinel_{gauge}"}
    return REGISTRY.get_sample_value("risksentinel_unread_gauges_total", labels) or 0.0


def test_what_waits_is_read_anew_at_each_scrape(watching: FunctionMetrics) -> None:
    """An outbox that nobody relays must be seen to grow, although no pass tells of it."""
    waiting = [NOW - timedelta(seconds=90)]
    watching.watch_outbox(lambda: len(waiting), lambda: min(waiting, default=None), lambda: NOW)

    before = (scraped("outbox_depth"), scraped("outbox_oldest_seconds"))
    waiting.clear()
    after = (scraped("outbox_depth"), scraped("outbox_oldest_seconds"))

    assert before == (1, 90)
    assert after == (0, 0)


def test_what_does_not_answer_is_left_out_and_counted(watching: FunctionMetrics) -> None:
    """An old figure would look like a fresh one, and a scrape that fails tells nothing at all."""
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
def test_what_hangs_holds_a_scrape_up_for_its_limit_and_one_thread(
    watching: FunctionMetrics,
) -> None:
    """A database that hangs must not hide the requests that fail because of it."""
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


def test_what_is_watched_no_more_is_not_there(watching: FunctionMetrics) -> None:
    """The engine that the gauge read is closed."""
    watching.watch_dead_letters(lambda: 1)
    scraped("dead_letters")

    watching.unwatch()

    assert scraped("dead_letters") is None


@pytest.mark.parametrize(("fault", "value"), [(None, 1.0), (Unavailable("database"), 0.0)])
def test_a_scrape_says_whether_the_function_is_ready(fault: Exception | None, value: float) -> None:
    """A function that answers 503 to everything is up, as far as Prometheus can see."""

    def check() -> None:
        if fault is not None:
            raise fault

    client = function_app("readied", required={"database": check}).test_client()

    assert f'risksentinel_ready{{function="readied"}} {value}' in client.get("/metrics").text
