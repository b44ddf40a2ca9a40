"""A web server on loopback that answers as configured and remembers its requests."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import ClassVar

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Received:
    """One received request; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """The behaviour of the server and its received requests."""

    url: str = ""
    port: int = 0
    status: int = 200
    location: str | None = None
    pause: float = 0.0  # seconds before the answer
    drips: bytes = b""  # sent again and again in place of an answer
    names: list[str | None] = field(default_factory=list)  # server name of the TLS handshake
    requests: list[Received] = field(default_factory=list)
    closing: Event = field(default_factory=Event)


class _Server(ThreadingHTTPServer):
    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that disconnect are part of the tests."""


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver for as long as the block runs."""
    receiver = Receiver()

    class Handler(_Handler):
        told = receiver

    with _Server(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: receiver.names.append(name)
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        receiver.port = server.server_address[1]
        receiver.url = f"http://127.0.0.1:{receiver.port}/hooks/open-sesame?key=hush"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        receiver.closing.set()
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    told: ClassVar[Receiver]

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        self.told.requests.append(Received(self.path, headers, body))
        self.told.closing.wait(self.told.pause)
        if self.told.drips:
            self._drip()
        else:
            self._answer()

    def do_GET(self) -> None:
        self.do_POST()

    def _answer(self) -> None:
        self.send_response(self.told.status)
        if self.told.location is not None:
            self.send_header("Location", self.told.location)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def _drip(self) -> None:
        with suppress(OSError):
            for _ in range(60):  # three seconds: a client that waits for the end fails its test
                self.wfile.write(self.told.drips)
                if self.told.closing.wait(0.05):
                    return

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""
