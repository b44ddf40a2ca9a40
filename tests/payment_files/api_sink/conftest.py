"""An instance on a free port, and a sink that sends to it."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from typing_extensions import override

from risksentinel.payment_files.api_sink import ApiSink
from tests.payment_files.api_sink.instance import Instance, score_all


@pytest.fixture
def instance() -> Iterator[Instance]:
    """An HTTP server on a free port."""
    found = Instance("", score_all)

    class Handler(BaseHTTPRequestHandler):
        """Reads a body and answers JSON."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer the liveness probe."""
            self.answer(200, {})

        def do_POST(self) -> None:
            """Answer payments."""
            body = self.rfile.read(int(self.headers["content-length"]))
            found.paths.append(self.path)
            found.sizes.append(len(body))
            found.bearers.add(self.headers["authorization"])
            found.callers.add(self.client_address)
            self.answer(*found.handle(self.path, json.loads(body)))

        def answer(self, status: int, content: dict[str, Any]) -> None:
            """Send JSON."""
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def pauses() -> list[float]:
    """The pauses between retries."""
    return []


@pytest.fixture
def sink(instance: Instance, pauses: list[float]) -> Iterator[ApiSink]:
    """A sink that records its pauses instead of waiting."""
    with closing(ApiSink(instance.url + "/bank/", sleep=pauses.append)) as made:
        yield made
