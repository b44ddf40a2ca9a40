"""Request smuggling: the gateway and the function behind it see the same requests."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from infra.devstack.gateway.reverse_proxy import reverse_proxy
from risksentinel.server.bounds import Bounds
from tests.server.serving import connected, serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

START = b"POST /api/v1/transactions HTTP/1.1\r\nHost: a\r\n"
HIDDEN = b"DELETE /api/v1/rules/r-1 HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
ENDED = b"0\r\n\r\n" + HIDDEN
LENGTH = b"Content-Length: %d\r\n" % len(ENDED)
TIMEOUT = 2.0  # seconds without another byte


@dataclass
class Stack:
    """A function behind the gateway; `seen` are the requests that it got."""

    port: int
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)

    def send(self, request: bytes) -> bytes:
        """The bytes of all answers on one connection."""
        self.seen.clear()
        received = b""
        with connected(self.port, request) as connection:
            connection.settimeout(TIMEOUT)
            try:
                while more := connection.recv(65_536):
                    received += more
            except (TimeoutError, ConnectionResetError):
                pass  # no more answers
        return received


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The servers of the local gateway and of a function."""
    seen: list[tuple[str, str, bytes]] = []

    def function(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], body))
        start("200 OK", [("Content-Length", "2")])
        return [b"{}"]

    bounds = Bounds(threads=2, waiting=8)
    with serving(function, bounds) as behind:
        proxy = reverse_proxy("ingest", f"http://127.0.0.1:{behind}", connections=2)
        with serving(proxy, bounds) as port:
            yield Stack(port, seen)


@pytest.mark.parametrize(
    "request_bytes",
    [
        START + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + b"{}   " + HIDDEN,
        START + b"Content-Length: 2, 2\r\n\r\n{}" + HIDDEN,
        START + b"Content-Length: +2\r\n\r\n{}" + HIDDEN,
        START + b"Content-Length: 0x2\r\n\r\n{}" + HIDDEN,
        START + b"Content-Length : 2\r\n\r\n{}" + HIDDEN,
        START + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + ENDED,
        START + b"Transfer-Encoding: identity, chunked\r\n\r\n" + ENDED,
        START + b"Transfer-Encoding: xchunked\r\n\r\n" + ENDED,
        START + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + ENDED,
        START + b"Transfer-Encoding : chunked\r\n" + LENGTH + b"\r\n" + ENDED,
        START + b"Transfer-Encoding:\x0bchunked\r\n" + LENGTH + b"\r\n" + ENDED,
        START + CHUNKED + b"\r\n-1\r\n" + HIDDEN,
        START + CHUNKED + b"\r\n0x2\r\n{}\r\n" + ENDED,
        START + b"X: 1\n" + LENGTH + b"\r\n" + ENDED,
        START + b"X: 1\r\n Content-Length: 0\r\n" + LENGTH + b"\r\n" + ENDED,
    ],
    ids=str,
)
def test_a_request_whose_end_is_ambiguous_is_refused(stack: Stack, request_bytes: bytes) -> None:
    """What two servers end at other places hides a request from the first one."""
    received = stack.send(request_bytes)

    assert received.count(b"HTTP/1.1 ") <= 1, received
    assert not any(method == "DELETE" for method, _, _ in stack.seen)
    assert received[9:12] in {b"400", b"501", b""} or b"DELETE" in stack.seen[0][2]
    assert len(stack.seen) <= 1


@pytest.mark.parametrize("order", [CHUNKED + LENGTH, LENGTH + CHUNKED])
def test_a_request_with_a_length_and_chunks_is_refused(stack: Stack, order: bytes) -> None:
    """RFC 9112, section 6.3: it ought to be handled as an error."""
    received = stack.send(START + order + b"\r\n2\r\n{}\r\n0\r\n\r\n" + HIDDEN)

    assert received.startswith(b"HTTP/1.1 400 ")
    assert stack.seen == []


def test_a_second_request_of_a_connection_is_a_request_at_both_servers(stack: Stack) -> None:
    """The check of these tests: a request that is not hidden does arrive."""
    stack.send(START + b"Content-Length: 2\r\n\r\n{}" + HIDDEN)

    assert [method for method, _, _ in stack.seen] == ["POST", "DELETE"]


@pytest.mark.parametrize(
    "path", [b"/a%0d%0aX-Injected:%20yes", b"/a%0d%0a%0d%0aGET%20/b%20HTTP/1.1", b"/a%00b"]
)
def test_an_escaped_line_end_in_a_path_ends_no_line(stack: Stack, path: bytes) -> None:
    """The gateway writes the path into its own request."""
    stack.send(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")

    assert len(stack.seen) <= 1
    assert all("\r\n" in seen or "\0" in seen for _, seen, _ in stack.seen)
