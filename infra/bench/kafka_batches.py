"""From Kafka in batches: the time until waiting payments are scored, stored and published."""

from time import perf_counter, sleep

from rich.console import Console
from sqlalchemy import create_engine, text

from infra.bench.figures import payments, print_table
from infra.bench.http_load import wait_for
from infra.bench.server_fixtures import ServerFixtures
from infra.bench.stages import print_stages
from risksentinel.adapters.kafka.log import KafkaLog
from risksentinel.adapters.kafka.publisher import KafkaPublisher
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.events.sources import INGEST
from risksentinel.payment_formats.payment_document import document
from risksentinel.usecases.queue_payments import QueuePayments

PAYMENTS = 30_000
SEED = 77
TIMEOUT_SECONDS = 120.0
TOPIC = "transactions.scored"
_AT_ONCE = 500
_SCORED = text("SELECT count(*) FROM risk_scores WHERE transaction_id LIKE :run")


def run(console: Console, server_fixtures: ServerFixtures) -> float:
    """Print and return the throughput from the first delivery to the last published event."""
    servers = server_fixtures.connections["KAFKA_BOOTSTRAP_SERVERS"]
    _fill(servers)
    before = _published(servers)
    with server_fixtures.running("score") as function:
        wait_for(function["score"])
        with server_fixtures.running("source-score"):
            began = perf_counter()
            scored = _until_scored(server_fixtures.connections["DATABASE_URL"]) - began
            while _published(servers) < before + PAYMENTS:
                sleep(0.02)
            published = perf_counter() - began
        print_stages(console, function["score"], PAYMENTS, published)
    rows = [
        {
            "until": "the last verdict is committed",
            "payments a second": f"{PAYMENTS / scored:,.0f}",
        },
        {
            "until": "the last event is published",
            "payments a second": f"{PAYMENTS / published:,.0f}",
        },
    ]
    print_table(console, f"From Kafka in batches, {PAYMENTS:,} payments", rows)
    return PAYMENTS / published


def _fill(servers: str) -> None:
    """Write the payments to the topic, as ingest does while the database is unavailable."""
    sender = KafkaSender(servers)
    hand_over = QueuePayments(KafkaPublisher(sender))
    stated = [document(one).transaction(new_id, now()) for one in payments(PAYMENTS, SEED)]
    for start in range(0, PAYMENTS, _AT_ONCE):
        hand_over(stated[start : start + _AT_ONCE], INGEST, {})
    sender.close()


def _until_scored(database: str) -> float:
    """Return the time of the last verdict; polled rarely, because polling costs processor time."""
    engine = create_engine(database)
    deadline = perf_counter() + TIMEOUT_SECONDS
    with engine.connect() as connection:
        while connection.execute(_SCORED, {"run": f"bench-{SEED}-%"}).scalar_one() < PAYMENTS:
            if perf_counter() > deadline:
                raise TimeoutError("the payments were not scored in time")
            connection.rollback()
            sleep(0.2)
    engine.dispose()
    return perf_counter()


def _published(servers: str) -> int:
    with KafkaLog.opened(servers) as log:
        return sum(log.ends(partition)[1] for partition in log.partitions(TOPIC))
