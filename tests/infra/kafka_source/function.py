"""A function on loopback with scripted responses, which stores the events that it gets."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from typing_extensions import override

from infra.devstack.servers.ports import free_port


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivered event; `headers` are those of its request, in lower case."""

    id: str
    partition: int
    offset: int
    key: str | None
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The function's response to one event."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0


Script = Callable[[Delivered], Reply]


@dataclass
class Function:
    """Responds by the script; `seen` has every delivery in the order of arrival."""

    script: Script = lambda _: Reply()
    port: int = field(default_factory=free_port)
    seen: list[Delivered] = field(default_factory=list)
    requests: int = 0
    lock: Lock = field(default_factory=Lock)
    server: ThreadingHTTPServer | None = None
    takes_batches: bool = True

    @property
    def address(self) -> str:
        """The function's URL."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def ids(self) -> list[str]:
        """The ids of all deliveries, in order."""
        with self.lock:
            return [delivered.id for delivered in self.seen]

    def partition(self, number: int) -> list[str]:
        """The ids of the deliveries of one partition, in order."""
        with self.lock:
            return [each.id for each in self.seen if each.partition == number]

    def start(self) -> None:
        """Listen, on the same port each time."""
        self.server = _Server(("127.0.0.1", self.port), _handler(self))
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening: connections are refused."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def take(self, delivered: Delivered) -> Reply:
        """Store one event and respond."""
        with self.lock:
            self.seen.append(delivered)
        reply = self.script(delivered)
        time.sleep(reply.seconds)
        return reply


@contextmanager
def function(script: Script = lambda _: Reply()) -> Iterator[Function]:
    """Start a function for the block, and stop it at its end."""
    there = Function(script)
    there.start()
    try:
        yield there
    finally:
        there.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


def _handler(function: Function) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # buffered, so that a response is one packet
        timeout = 5

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            function.requests += 1
            if function.server is None:  # stopped: close the connection, which was kept alive
                self.close_connection = True
                return
            if headers.get("content-type") == "application/cloudevents-batch+json":
                self._answer(_batch(function, body) if function.takes_batches else Reply(415))
            else:
                self._answer(function.take(_binary(headers, body)))

        def _answer(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Write no log line."""

    return Handler


def _binary(headers: Mapping[str, str], body: bytes) -> Delivered:
    return Delivered(
        headers["ce-id"],
        int(headers["ce-knativekafkapartition"]),
        int(headers["ce-knativekafkaoffset"]),
        headers.get("ce-partitionkey"),
        headers,
        body,
    )


def _batch(function: Function, body: bytes) -> Reply:
    lines: list[dict[str, Any]] = []
    for event in json.loads(body):
        reply = function.take(
            Delivered(
                event["id"],
                int(event["knativekafkapartition"]),
                int(event["knativekafkaoffset"]),
                event.get("partitionkey"),
                {f"ce-{name}": str(value) for name, value in event.items()},
                event.get("data_base64", "").encode(),
            )
        )
        lines.append({"id": event["id"], "status": reply.status, "reason": "as told"})
    status = 200 if all(line["status"] == 204 for line in lines) else 207
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(lines).encode())
