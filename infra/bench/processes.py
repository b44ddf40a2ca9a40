"""What a second and a fourth function process bring, on the same servers.

Each process is a gunicorn of its own with its own port, as a pod is; from Kafka, each function has
a source of its own in the same consumer group. All programs share the cores of this machine: where
all cores are busy, another process brings nothing here, and its cost is the processor time.
"""

from collections.abc import Mapping
from os import cpu_count
from typing import Final

from rich.console import Console

from infra.bench.figures import print_table
from infra.bench.http_load import run_load, warm_up
from infra.bench.kafka_batches import consume, fill
from infra.bench.load_generator import Order, Send, load_generator
from infra.bench.processor_time import Programs
from infra.bench.server_fixtures import ServerFixtures

COUNTS: Final = (1, 2, 4)
CONNECTIONS: Final = 16
PAYMENTS: Final = 6_000  # over HTTP
BATCHED: Final = 20_000  # from Kafka
_SEED: Final = 200  # no other benchmark has it: an id is scored once


def run(console: Console, server_fixtures: ServerFixtures) -> None:
    """Print a table for payments over HTTP, and one for batches from Kafka."""
    with load_generator() as send:
        rows = [_http(server_fixtures, send, count) for count in COUNTS]
    cores = f"{cpu_count()} cores, CPU in ms a payment"
    print_table(console, f"Ingest processes, {CONNECTIONS} connections, {cores}", rows)
    rows = [_kafka(server_fixtures, count) for count in COUNTS]
    print_table(console, f"Score processes, from Kafka in batches, {cores}", rows)


def _http(server_fixtures: ServerFixtures, send: Send, count: int) -> dict[str, str]:
    with server_fixtures.running("ingest", copies=count) as copies:
        ports = [each["ingest"].port for each in copies]
        warm_up(send, ports, _SEED + count)
        programs: Programs = {
            "function": [each["ingest"].pid for each in copies],
            **server_fixtures.servers,
        }
        order = Order(ports, CONNECTIONS, _SEED + 10 + count, PAYMENTS)
        measured = run_load(send, order, programs)
    return {
        "processes": str(count),
        **measured.cells,
        **_busy(measured.processor, measured.load.seconds),
    }


def _kafka(server_fixtures: ServerFixtures, count: int) -> dict[str, str]:
    fill(server_fixtures, BATCHED, _SEED + 20 + count)
    measured = consume(server_fixtures, BATCHED, count)
    return {
        "processes": str(count),
        **measured.cells,
        **_busy(measured.processor, measured.until_published),
    }


def _busy(processor: Mapping[str, float], seconds: float) -> dict[str, str]:
    return {"cores busy": f"{sum(processor.values()) / seconds:.2f}"}
