"""Requests that the server refuses, or answers itself, before a thread has them."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from waitress.adjustments import Adjustments

from risksentinel.server.body_memory import BodyMemory
from risksentinel.server.bounds import (
    LARGE_BODY_BYTES,
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    Bounds,
)
from risksentinel.server.request_parser import RequestParser
from tests.server.serving import HEAD, answer, answered, connected, serving
from tests.timing import assert_within, in_time

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
SMALL = Bounds(threads=1, waiting=2)


def echo(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer with the size of the body."""
    size = len(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"size": size}).encode()]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server of the echo application."""
    with serving(echo, Bounds(threads=4, waiting=8)) as number:
        yield number


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n",
        GET + b"Host: b\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nX: 1\r\nHOST: a\r\n",
        b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n",
    ],
)
def test_a_request_names_its_host_once(port: int, head: bytes) -> None:
    """Two proxies may choose different ones of two (RFC 9112, section 3.2)."""
    status, problem, _ = answered(port, head + b"\r\n")

    assert (status, problem["status"]) == (400, 400)


@pytest.mark.parametrize("named", [b"x-actor", b"close, Authorization", b"Keep-Alive,traceparent"])
def test_connection_names_headers_of_the_connection_only(port: int, named: bytes) -> None:
    """A proxy removes what Connection names: a caller could remove what identifies it."""
    status, _, _ = answered(port, GET + b"Connection: " + named + b"\r\n\r\n")

    assert status == 400


@pytest.mark.parametrize("named", [b"close", b"Keep-Alive, TE", b"Upgrade, HTTP2-Settings"])
def test_options_of_the_connection_are_taken(port: int, named: bytes) -> None:
    """Browsers and proxies send them."""
    assert answered(port, GET + b"Connection: " + named + b"\r\n\r\n")[0] == 200


def test_an_old_client_needs_no_host(port: int) -> None:
    """HTTP/1.0 has no Host header."""
    assert answered(port, b"GET / HTTP/1.0\r\n\r\n")[0] == 200


def test_a_hundred_headers_are_taken_and_no_more(port: int) -> None:
    """Each header costs time and memory before the request is known to be valid."""
    fitting = b"".join(b"X-%d: 1\r\n" % n for n in range(MAX_HEADERS - 1))

    assert answered(port, GET + fitting + b"\r\n")[0] == 200
    status, problem, headers = answered(port, GET + fitting + b"X: 1\r\n\r\n")

    assert (status, problem["title"]) == (431, "Request Header Fields Too Large")
    assert headers["Connection"] == "close"


def test_large_headers_are_refused(port: int) -> None:
    """A flood of header bytes must not fill the memory."""
    status, _, headers = answered(port, GET + b"X: " + b"x" * MAX_HEADER_BYTES)

    assert status == 431
    assert headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_read_and_refused(port: int, *, chunked: bool) -> None:
    """A client that still sends when the connection closes cannot read the response."""
    size = MAX_BODY_BYTES + 1_000_000
    framed = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (size, b" " * size) if chunked else b" " * size

    status, problem, _ = answered(port, HEAD + framed + b"\r\n\r\n" + body)

    assert (status, problem["status"]) == (413, 413)


def test_a_body_within_the_limit_reaches_the_application(port: int) -> None:
    """Whole, with its length, whatever its framing is."""
    body = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"

    _, found, _ = answered(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body)

    assert found == {"size": 11}


def test_bodies_of_all_clients_have_bounded_memory() -> None:
    """A thousand half-sent bodies of 4 MiB would end the process."""
    memory = BodyMemory(12)
    first, second, third = (RequestParser(Adjustments(), memory) for _ in range(3))
    for parser in (first, second, third):
        parser.received(HEAD + b"Content-Length: 8\r\n\r\n")

    first.received(b"x" * 7)
    second.received(b"x" * 7)
    second.received(b"x")
    second.close()
    third.received(b"x" * 4)
    first.received(b"x")
    first.close()

    assert second.error is not None
    assert second.error.code == 503
    assert first.error is None
    assert memory.take(8)
    assert not memory.take(1)


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
