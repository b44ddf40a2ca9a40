"""A webhook receiver on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from typing_extensions import override


@dataclass
class Receiver:
    """Responds with `statuses` in order, then with 200; with 500 while `failing` is set."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)  # the ids of the webhooks with response 200
    failing: bool = False
    url: str = ""

    def answer(self, webhook_id: str) -> int:
        """The status of the next response."""
        status = 500 if self.failing else self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.accepted.append(webhook_id)
        return status


@contextmanager
def receiver(*statuses: int) -> Iterator[Receiver]:
    """Listen on a free port during the block."""
    state = Receiver(list(statuses))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.got.append((dict(self.headers), body))
            self.send_response(state.answer(self.headers["webhook-id"]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, *_: object) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
