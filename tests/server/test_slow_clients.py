"""Slow, silent and too many clients at each of the three servers: all run the same code."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from infra.devstack.stack.topology import variable
from risksentinel.embedded.gateway import PUBLIC_FUNCTIONS
from tests.flow.engine_process import BIN, EngineProcess, free_port, serving, started
from tests.flow.test_one_command import DEMO
from tests.timing import assert_within, in_time

PAYMENTS = "/api/v1/transactions/"
SLOW = 64
IDLE = 2_000
HEAD = f"POST {PAYMENTS} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n".encode()
HALF_HEAD, HALF_BODY = HEAD + b"X-", HEAD + b"Content-Length: 1000\r\n\r\n{"
SECONDS = 1.0


def _engine(folder: Path) -> AbstractContextManager[EngineProcess]:
    return serving(folder, LOG_LEVEL="warning", HEADER_TIMEOUT_SECONDS="3")


def _function(folder: Path, **settings: str) -> AbstractContextManager[EngineProcess]:
    home = {"RISKSENTINEL_HOME": str(folder)}
    environ = {**os.environ, **home}  # noqa: TID251 - of a child process
    subprocess.run([str(BIN / "risksentinel"), "migrate"], env=environ, check=True)  # noqa: S603
    of_ingest = {"FUNCTION_TARGET": "ingest", "FUNCTION_SOURCE": "functions/ingest/main.py"}
    command = [sys.executable, "-m", "gunicorn", "--config", "infra/gunicorn.conf.py"]
    limits = {"THREADS": "8", "LOG_LEVEL": "warning", "HEADER_TIMEOUT_SECONDS": "3"}
    return started(command, folder, {**of_ingest, **limits, **settings})


@contextmanager
def _gateway(folder: Path) -> Iterator[EngineProcess]:
    """The local gateway before one function, which serves every path of this test."""
    with _function(folder) as function:
        address = f"http://127.0.0.1:{function.port}"
        environ = {variable(name): address for name in PUBLIC_FUNCTIONS}
        command = [sys.executable, "-m", "infra.devstack.gateway.server"]
        limits = {"LOG_LEVEL": "warning", "HEADER_TIMEOUT_SECONDS": "3"}
        own = {"PORT": str(free_port()), **limits}
        with started(command, folder, {**environ, **own}) as gateway:
            yield gateway


@pytest.fixture(scope="module", params=[_engine, _function, _gateway])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineProcess]:
    """Each server in turn, as a process."""
    start: Callable[[Path], AbstractContextManager[EngineProcess]] = request.param
    with start(tmp_path_factory.mktemp("home")) as running:
        _is_served(running, within=30.0)
        yield running


@in_time
def test_64_slow_clients_hold_no_thread(server: EngineProcess) -> None:
    """A client that sends a byte a second must not use one of eight threads."""
    with _clients(server, SLOW) as clients:
        for number, client in enumerate(clients):
            client.sendall(HALF_BODY if number % 2 else HALF_HEAD)
        with _dripping(clients):
            for _ in range(3):
                _is_served(server)
                time.sleep(0.3)


@in_time
def test_2000_idle_connections_end_no_server(server: EngineProcess) -> None:
    """select() fails beyond 1,023 descriptors; newcomers must not wait for idle connections."""
    with _clients(server, IDLE):
        for _ in range(3):
            _is_served(server)
            time.sleep(0.2)
    assert server.process.poll() is None


@in_time
def test_few_descriptors_leave_room_for_the_database(tmp_path: Path) -> None:
    """A connection more than the process may open would fail the next payment instead."""
    command = ["sh", "-c", f"ulimit -n 256; exec {BIN / 'risksentinel'} serve"]
    with started(command, tmp_path, {"LOG_LEVEL": "warning"}) as server, _clients(server, 400):
        _is_served(server, within=5.0)
        _is_served(server)
        refused = server.call("POST", PAYMENTS, b"{", {"Connection": "x-actor"}).status
        time.sleep(1.0)  # refusals are counted twice a second
        counted = server.call("GET", "/metrics").body

    assert refused == 400
    assert b'risksentinel_refused_requests_total{status="400"} 1.0' in counted


def test_late_headers_get_408(server: EngineProcess) -> None:
    """A byte a second would keep a connection open for hours."""
    with _clients(server, 1) as (client,), _dripping([client]):
        client.sendall(HALF_HEAD)

        received = client.recv(65_536)

    assert received.startswith(b"HTTP/1.1 408 Request Timeout\r\n")


@pytest.mark.parametrize(
    "chunks", [b"-5\r\nhello\r\n", b"5\r\nhelloXX", b"zz\r\n", b"5;a=\x00\r\nhello\r\n"]
)
def test_a_damaged_chunk_is_an_error_of_the_client(server: EngineProcess, chunks: bytes) -> None:
    """A 500 with a traceback would look like a defect of the server."""
    with _clients(server, 1) as (client,):
        client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)

        received = client.recv(65_536)

    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")


@contextmanager
def _clients(server: EngineProcess, count: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as opened:
        yield [
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port), 20))
            for _ in range(count)
        ]


@contextmanager
def _dripping(clients: list[socket.socket]) -> Iterator[None]:
    """Send a byte on each connection every second, as long as the server takes it."""
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(1.0):
            for client in clients:
                try:
                    client.send(b"x")
                except OSError:
                    continue

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _is_served(server: EngineProcess, within: float = SECONDS) -> None:
    """Liveness, and a payment on a connection of its own, are answered in time."""
    for method, path, body in (("GET", "/health/liveness", None), ("POST", PAYMENTS, DEMO)):
        began = time.monotonic()
        sent = json.dumps(body).encode() if body else None
        status = server.call(method, path, sent, {"Connection": "close"}).status
        assert status in {200, 201}
        assert_within(time.monotonic() - began, within)
