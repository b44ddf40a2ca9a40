"""HTTP with real servers: includes PostgreSQL, Redis, the outbox and publishing to Kafka."""

from rich.console import Console

from infra.bench.http_load import CONNECTIONS, PAYMENTS, WARM_UP, measure
from infra.bench.server_fixtures import ServerFixtures
from infra.bench.stages import print_stages, stage_seconds


def run(console: Console, server_fixtures: ServerFixtures) -> None:
    """Print latency, throughput, processor time and stages of ingest, served as in production."""
    with server_fixtures.running("ingest") as [programs]:
        ingest = programs["ingest"]
        title = "HTTP, one gunicorn worker of 8 threads, real servers"
        measured = {"function": [ingest.pid], **server_fixtures.servers}
        seconds = measure(console, title, ingest.port, measured)
        count = WARM_UP + PAYMENTS * len(CONNECTIONS)
        print_stages(console, stage_seconds(ingest.port), count, seconds)
