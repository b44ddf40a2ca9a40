"""HTTP with real servers: includes PostgreSQL, Redis, the outbox and publishing to Kafka."""

from time import perf_counter

from rich.console import Console

from infra.bench.http_load import CONNECTIONS, PAYMENTS, WARM_UP, measure, wait_for
from infra.bench.server_fixtures import ServerFixtures
from infra.bench.stages import print_stages


def run(console: Console, server_fixtures: ServerFixtures) -> None:
    """Print latency, throughput and stages of ingest, served as in production."""
    with server_fixtures.running("ingest") as ports:
        wait_for(ports["ingest"])
        began = perf_counter()
        measure(console, "HTTP, one gunicorn worker of 8 threads, real servers", ports["ingest"])
        count = WARM_UP + PAYMENTS * len(CONNECTIONS)
        print_stages(console, ports["ingest"], count, perf_counter() - began)
