"""A webhook endpoint on the node's address: stores each body, and answers 204."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from typing_extensions import override


class Receiver:
    """The received bodies, in order."""

    def __init__(self, host: str) -> None:
        self.bodies: list[Any] = []
        self._server = ThreadingHTTPServer((host, 0), self._handler())
        self.address = f"http://{host}:{self._server.server_port}/alerts"

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen while the block runs."""
        thread = Thread(target=self._server.serve_forever, name="receiver", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                bodies.append(json.loads(self.rfile.read(length)))
                self.send_response(HTTPStatus.NO_CONTENT)
                self.end_headers()

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Write no log line."""

        return Handler
