"""What a server does at its bounds: threads, deadlines, connections."""

import re
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from risksentinel.server.bounds import (
    LARGE_BODY_BYTES,
    Bounds,
)
from tests.server.serving import HEAD, answer, answered, connected, serving
from tests.timing import assert_within, in_time

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

from tests.server.echoing import GET, SMALL, echo


class Held:
    """An application whose requests wait until they are released."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.started = threading.Semaphore(0)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer after the release."""
        self.started.release()
        self.release.wait(20)
        return echo(environ, start_response)


@in_time
def test_load_beyond_the_queue_is_refused_at_once() -> None:
    """A late 503 is useless: the client has given up, and the work is done for nothing."""
    held = Held()
    with serving(held, SMALL) as port, ExitStack() as opened:
        taken = [opened.enter_context(connected(port, GET + b"\r\n")) for _ in range(3)]
        held.started.acquire(timeout=10)
        for _ in range(2):  # so the loop has read the three requests
            answered(port, b"GET /health/liveness HTTP/1.1\r\nHost: a\r\n\r\n")
        began = time.monotonic()
        status, problem, headers = answered(port, GET + b"\r\n")
        seconds = time.monotonic() - began
        held.release.set()

        assert (status, headers["Retry-After"]) == (503, "1")
        assert problem["type"] == "urn:risksentinel:problem:overloaded"
        assert "Connection" not in headers
        assert_within(seconds, 1)
        assert [answer(each)[0] for each in taken] == [200, 200, 200]


@pytest.mark.parametrize("path", [b"/health/liveness", b"/api/v1/health/liveness/"])
def test_liveness_needs_no_thread(path: bytes) -> None:
    """A busy process must not be restarted: its requests would be lost."""
    held = Held()
    with serving(held, SMALL) as port, ThreadPoolExecutor(1) as clients:
        taken = clients.submit(answered, port, GET + b"\r\n")
        held.started.acquire(timeout=10)

        found = answered(port, b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        head = answered(port, b"HEAD " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD")
        held.release.set()
        assert taken.result(20)[0] == 200

    assert found[:2] == (200, {"status": "ok"})
    assert head[0] == 200
    assert head[2]["Content-Length"] == str(len('{"status":"ok"}'))


def test_large_requests_leave_threads_for_small_ones() -> None:
    """A payment must not wait behind sixteen batches."""
    held = Held()
    body = b" " * (LARGE_BODY_BYTES + 1)
    large = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with serving(held, Bounds(threads=4, waiting=32)) as port, ThreadPoolExecutor(3) as clients:
        batches = [clients.submit(answered, port, large) for _ in range(2)]
        held.started.acquire(timeout=10)
        payments = [clients.submit(answered, port, GET + b"\r\n")]
        assert held.started.acquire(timeout=10), "the payment waits for a batch"
        assert not held.started.acquire(timeout=0.3), "a second batch has started"
        held.release.set()

        assert [each.result(20)[0] for each in (*batches, *payments)] == [200] * 3


def test_pipelined_requests_are_answered_in_order() -> None:
    """The server answers liveness itself: it must not overtake the request before it."""
    liveness = b"GET /health/liveness HTTP/1.1\r\nHost: a\r\n\r\n"
    with (
        serving(echo, SMALL) as port,
        connected(port, GET + b"\r\n" + liveness + liveness + GET + b"\r\n") as client,
    ):
        received = b""
        while received.count(b"}") < 4:
            received += client.recv(65_536)

    assert re.findall(rb"(size|status)\"", received) == [b"size", b"status", b"status", b"size"]


@pytest.mark.parametrize(
    ("sent", "bounds"),
    [
        (b"", Bounds(threads=1, waiting=1, idle=0.5)),
        (GET, Bounds(threads=1, waiting=1, header=0.5)),
        (HEAD + b"Content-Length: 9\r\n\r\nx", Bounds(threads=1, waiting=1, body=0.5)),
    ],
    ids=["silent", "headers", "body"],
)
def test_each_part_of_a_request_has_its_deadline(sent: bytes, bounds: Bounds) -> None:
    """Silent connections are closed; half requests get 408 first."""
    with serving(echo, bounds) as port, connected(port, sent) as client:
        received = client.recv(65_536)

        assert received[:12] == (b"HTTP/1.1 408" if sent else b"")
        assert client.recv(65_536) == b""


def test_an_address_has_its_number_of_connections() -> None:
    """One client must not use the connections of all."""
    with serving(echo, Bounds(threads=1, waiting=1, per_address=2)) as port:
        first, second, third = (connected(port) for _ in range(3))

        assert first.recv(1) == b""
        for each in (second, third):
            each.sendall(GET + b"\r\n")
            assert answer(each)[0] == 200
        for each in (first, second, third):
            each.close()


def test_a_client_that_is_served_keeps_its_connection() -> None:
    """A flood of silent connections replaces silent ones, not those in use."""
    with serving(echo, Bounds(threads=1, waiting=1, connections=16)) as port:
        with connected(port, GET + b"\r\n") as client:
            assert answer(client)[0] == 200
            silent = [connected(port) for _ in range(40)]
            _until(lambda: silent[0].recv(1) == b"")

            client.sendall(GET + b"\r\n")
            assert answer(client)[0] == 200
        for each in silent:
            each.close()


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
