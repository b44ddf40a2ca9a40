"""Payments over HTTP, one in each request: rate, latency and processor time of a payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from time import perf_counter, sleep

from rich.console import Console

from infra.bench.figures import milliseconds, percentile, print_table
from infra.bench.load_generator import TIMEOUT_SECONDS, Load, Order, Send, load_generator
from infra.bench.processor_time import Programs, Seconds, at_rest, measured, of_rest, per_payment

PAYMENTS = 4_000
WARM_UP = 500
CONNECTIONS = (1, 16)
GENERATOR = "load generator"
_RELAYED_AFTER = 0.3  # seconds: the outbox events of the last payments are published until then


@dataclass(frozen=True, slots=True)
class HttpRun:
    """A load, and the processor seconds of each program and of the load generator."""

    load: Load
    processor: Seconds

    @property
    def cells(self) -> dict[str, str]:
        """Return the cells of a table."""
        return {
            "p50": milliseconds(percentile(self.load.latencies, 0.5)),
            "p99": milliseconds(percentile(self.load.latencies, 0.99)),
            "payments a second": f"{self.load.rate:,.0f}",
            **per_payment(self.processor, len(self.load.latencies)),
        }


def measure(console: Console, title: str, port: int, programs: Programs) -> float:
    """Print a row for each number of connections; return the seconds of all loads together."""
    with load_generator() as send:
        seconds = warm_up(send, [port])
        resting = at_rest(programs)
        rows = []
        for seed, connections in enumerate(CONNECTIONS, start=1):
            run = run_load(send, Order([port], connections, seed, PAYMENTS), programs)
            rows.append({"connections": str(connections), **run.cells})
            seconds += run.load.seconds
    print_table(console, f"{title}\n{of_rest(resting)}", rows)
    return seconds


def warm_up(send: Send, ports: Sequence[int], seed: int = 0) -> float:
    """Send payments to each port over 8 connections; return the seconds of all together."""
    return send(Order(ports, 8 * len(ports), seed, WARM_UP * len(ports))).seconds


def run_load(send: Send, order: Order, programs: Programs) -> HttpRun:
    """Send the payments, and measure the programs until the events are published."""
    with measured(programs) as used:
        load = send(order)
        sleep(_RELAYED_AFTER)
    return HttpRun(load, {**used, GENERATOR: load.processor})


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
