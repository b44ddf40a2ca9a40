"""Sends payments over HTTP, one in each request, over several connections at the same time."""

import json
from http import HTTPStatus
from http.client import HTTPConnection
from threading import Thread
from time import perf_counter, sleep

from rich.console import Console

from infra.bench.figures import milliseconds, payments, percentile, print_table

PAYMENTS = 4_000
WARM_UP = 500
TIMEOUT_SECONDS = 30
CONNECTIONS = (1, 16)


def measure(console: Console, title: str, port: int) -> None:
    """Warm up the server, and print latency and throughput for each number of connections."""
    _load(port, connections=8, seed=0, count=WARM_UP)
    rows = []
    for seed, connections in enumerate(CONNECTIONS, start=1):
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
    print_table(console, title, rows)


def wait_for(port: int) -> None:
    """Wait until the server is ready."""
    deadline = perf_counter() + TIMEOUT_SECONDS
    while perf_counter() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", "/health/readiness")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except ConnectionError:
            pass  # the server does not listen yet
        finally:
            connection.close()
        sleep(0.1)
    raise TimeoutError("the server did not become ready")


def _load(port: int, connections: int, seed: int, count: int) -> list[float]:
    """Send the payments over `connections` connections; return the seconds of each."""
    bodies = [json.dumps(one).encode() for one in payments(count, seed)]
    taken: list[float] = []

    def send(share: list[bytes]) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        for body in share:
            began = perf_counter()
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/api/v1/transactions/", body, headers)
            response = connection.getresponse()
            response.read()
            if response.status != HTTPStatus.CREATED:
                raise RuntimeError(f"the server answered {response.status}")
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
