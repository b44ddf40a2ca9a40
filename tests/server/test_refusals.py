"""Requests that the server refuses, or answers itself, before a thread has them."""

from collections.abc import Iterator

import pytest
from waitress.adjustments import Adjustments

from risksentinel.server.body_memory import BodyMemory
from risksentinel.server.bounds import (
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    Bounds,
)
from risksentinel.server.request_parser import RequestParser
from tests.server.echoing import GET, echo
from tests.server.serving import HEAD, answered, serving


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
