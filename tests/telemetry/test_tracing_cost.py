"""The cost of traces: none when off, and no failed payment without a collector."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from socket import create_server
from threading import enumerate as enumerate_threads
from time import perf_counter
from timeit import repeat

import pytest

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.telemetry import tracing
from tests.telemetry.traced_app import CALLER, event, sent, traced_app
from tests.timing import assert_within, in_time
from tests.usecases.payments import paid

REQUESTS = 300
OFF = """
import sys
from functions.alert_dispatch import main
from functions.dashboard import main
from functions.ingest import main
from functions.rules_crud import main
from functions.score import main
from risksentinel.telemetry import tracing
from tests.telemetry.traced_app import event, sent, traced_app

tracing.start("")
assert sent(traced_app(), event("e1", None)).status_code == 204
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


def test_without_an_endpoint_opentelemetry_is_not_imported() -> None:
    """The import would make each cold start longer."""
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", OFF], capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stdout.splitlines()[-1] == "[]"


@in_time
def test_off_costs_a_request_less_than_five_microseconds() -> None:
    """Installations without traces must not pay for them."""
    payment, timer = paid("p-1"), nullcontext()
    received = ReceivedEvent("e1", "/test", "test")

    def what_a_payment_asks() -> None:
        tracing.is_on()
        tracing.origin(None)
        for name in ("known", "gather", "decide", "commit"):
            tracing.stage("ingest", name, timer)
        with tracing.event("ingest", received) as work:
            work.answered(201)
        tracing.payment(payment)

    seconds = min(repeat(what_a_payment_asks, number=1_000, repeat=30)) / 1_000

    assert_within(seconds, 5e-6)


@pytest.fixture(autouse=True)
def leftovers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wait for the exports of a test before the next test starts."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    yield
    for thread in enumerate_threads():
        if thread.name == "last spans":
            thread.join()


@pytest.fixture
def closed() -> str:
    """The URL of a collector that is not running."""
    with create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def hanging() -> Iterator[str]:
    """The URL of a collector that accepts connections and does not answer."""
    with create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("state", ["closed", "hanging"])
def test_an_unavailable_collector_neither_slows_nor_fails_a_request(
    state: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spans beyond the queue are dropped, so that payments are not delayed."""
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "64")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16")
    client = traced_app()
    tracing.start(request.getfixturevalue(state))

    answers = [sent(client, event(str(number), CALLER)) for number in range(REQUESTS)]
    taken = [_seconds(lambda: sent(client, event("last", CALLER))) for _ in range(20)]
    stopping = _seconds(tracing.stop)

    assert {answer.status_code for answer in answers} == {204}
    assert min(taken) < 0.05
    assert stopping < tracing.FLUSH_SECONDS + 1


def test_an_unavailable_collector_is_logged_once_per_minute(
    closed: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A line per failed export would hide the other logs."""
    client = traced_app()

    with caplog.at_level(logging.WARNING, "opentelemetry"):
        tracing.start(closed)
        sent(client, event("e1", CALLER))
        tracing.stop()

    assert len(caplog.records) == 1


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began
