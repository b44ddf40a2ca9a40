"""Through HTTP: one gunicorn worker of 8 threads on SQLite, one payment a request."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory
from threading import Thread
from time import perf_counter, sleep

from rich.console import Console

from infra.bench.figures import milliseconds, payments, percentile, print_table

PAYMENTS = 4_000
WARM_UP = 300
PATIENCE_SECONDS = 30
THREADS = 8


def run(console: Console) -> None:
    """Print latency and rate at 1 and 16 connections."""
    rows = []
    with TemporaryDirectory() as folder, _server(Path(folder)) as port:
        _load(port, connections=1, seed=0, count=WARM_UP)
        for seed, connections in enumerate((1, 16), start=1):
            began = perf_counter()
            taken = _load(port, connections, seed, PAYMENTS)
            whole = perf_counter() - began
            rows.append(
                {
                    "connections": str(connections),
                    "p50": milliseconds(percentile(taken, 0.5)),
                    "p99": milliseconds(percentile(taken, 0.99)),
                    "payments a second": f"{PAYMENTS / whole:,.0f}",
                }
            )
    print_table(console, f"HTTP, one gunicorn worker of {THREADS} threads, SQLite", rows)


@contextmanager
def _server(folder: Path) -> Iterator[int]:
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "infra.bench.wsgi:application()", "--workers=1"]
    command += [f"--threads={THREADS}", "--worker-class=gthread", f"--bind=127.0.0.1:{port}"]
    command += ["--log-level=warning", "--keep-alive=30"]
    environ = {"RISKSENTINEL_HOME": str(folder), "PATH": "/usr/bin:/bin", "LOG_LEVEL": "info"}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log)  # noqa: S603
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait(PATIENCE_SECONDS)


def _wait_for(port: int) -> None:
    deadline = perf_counter() + PATIENCE_SECONDS
    while perf_counter() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/health/readiness")
            connection.getresponse().read()
        except ConnectionError:
            sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError("the server did not come up")


def _load(port: int, connections: int, seed: int, count: int) -> list[float]:
    """Send the payments over so many connections; answers the time of each."""
    bodies = [json.dumps(one).encode() for one in payments(count, seed)]
    taken: list[float] = []

    def send(share: list[bytes]) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        for body in share:
            began = perf_counter()
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/api/v1/transactions/", body, headers)
            response = connection.getresponse()
            response.read()
            if response.status != 201:  # noqa: PLR2004 - Created
                raise RuntimeError(f"answered {response.status}")
            taken.append(perf_counter() - began)
        connection.close()

    threads = [Thread(target=send, args=(bodies[n::connections],)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(taken) != count:
        raise RuntimeError(f"{count - len(taken)} payments were not answered")
    return taken
