from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Thread

import urllib3
from werkzeug.serving import make_server
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from infra.devstack.activator.activator import Activator, Limits
from infra.devstack.activator.buffering_proxy import buffering_proxy
from infra.devstack.gateway.forwarded_request import connections_to
from infra.devstack.servers.ports import free_port

TIMEOUT = 60.0


@dataclass
class FakeFunction:
    """A function that may end between the forwarding of a request and its sending."""

    address: str
    dies: bool
    ended: str | None = None
    stopped: Flag = field(default_factory=Flag)

    def __post_init__(self) -> None:
        self._pool = connections_to(self.address, 2)

    @property
    def pool(self) -> urllib3.HTTPConnectionPool:
        """The connections to the function."""
        if self.dies:
            self.ended = "exited with status -9"
            assert self.stopped.wait(TIMEOUT)
        return self._pool

    def ending(self) -> str | None:
        """Return how the function ended."""
        return self.ended

    def is_ready(self) -> bool:
        """Return whether the function is ready."""
        return True

    def stop(self) -> None:
        """End, and close the connections as a real one does."""
        self._pool.close()
        self.stopped.set()


def test_an_unsent_payment_goes_to_the_next_process() -> None:
    """A request that was not sent can go to the next process without being repeated."""
    born: list[FakeFunction] = []

    with _server() as (address, taken):

        def start() -> FakeFunction:
            born.append(FakeFunction(address, dies=not born))
            return born[-1]

        active = Activator("ingest", start, Limits(TIMEOUT, TIMEOUT, 2))
        active.begin()
        answer = Client(buffering_proxy("ingest", active)).post("/payments", data=b"1")
        active.close()

    assert answer.status_code == 201
    assert taken == [b"1"]
    assert len(born) == 2


@contextmanager
def _server() -> Iterator[tuple[str, list[bytes]]]:
    taken: list[bytes] = []

    @Request.application
    def take(request: Request) -> Response:
        taken.append(request.get_data())
        return Response(status=201)

    port = free_port()
    server = make_server("127.0.0.1", port, take, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}", taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
