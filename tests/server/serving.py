"""Runs the bounded server in a thread, and raw connections to it."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from risksentinel.server.bounds import Bounds
from risksentinel.server.listening_sockets import listening_sockets
from risksentinel.server.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TIMEOUT_SECONDS = 20.0
HEAD = b"POST /echo HTTP/1.1\r\nHost: a\r\n"


@contextmanager
def serving(app: "WSGIApplication", bounds: Bounds) -> Iterator[int]:
    """Serve on a free loopback port."""
    (listening,) = listening_sockets("127.0.0.1", 0)
    port: int = listening.getsockname()[1]
    server, stop = Server(app, bounds, [listening]), threading.Event()

    def run() -> None:
        while not stop.is_set():
            server.step()
        server.drain(1.0, linger=0.0)
        server.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        stop.set()
        server.wake()
        thread.join(TIMEOUT_SECONDS)


def connected(port: int, sent: bytes = b"") -> socket.socket:
    """A connection that has sent these bytes."""
    connection = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
    connection.sendall(sent)
    return connection


def answer(connection: socket.socket, method: str = "GET") -> tuple[int, Any, dict[str, str]]:
    """The status, the body (decoded if it is JSON) and the headers of one response."""
    with HTTPResponse(connection, method=method) as response:
        response.begin()
        body = response.read()
        is_json = "json" in response.headers.get("Content-Type", "")
        decoded = json.loads(body) if is_json and body else body
        return response.status, decoded, dict(response.headers)


def answered(port: int, sent: bytes, method: str = "GET") -> tuple[int, Any, dict[str, str]]:
    """The response to these bytes on a connection of their own."""
    with connected(port, sent) as connection:
        return answer(connection, method)
