"""From Kafka in batches: the time until waiting payments are scored, stored and published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter, sleep
from typing import Final

from rich.console import Console
from sqlalchemy import create_engine, text

from infra.bench.figures import payments, print_table
from infra.bench.processor_time import Seconds, at_rest, measured, of_rest, per_payment
from infra.bench.server_fixtures import ServerFixtures
from infra.bench.stages import print_stages, stage_seconds
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
_FUNCTION, _SOURCE = "score", "source-score"
_AT_ONCE = 500
_TIMEOUT_MS = 5_000
_FIRST_EVERY, _LAST_EVERY = 0.02, 0.1  # seconds; polled rarely, because polling takes CPU time
# The figures have few rows, however many payments are stored.
_SCORED: Final = text(
    "SELECT coalesce(sum(counted), 0) FROM hourly_figures WHERE figure <> 'alert'"
)


@dataclass(frozen=True, slots=True)
class BatchRun:
    """Measured from the first commit to the last event; the stages are of the first function."""

    payments: int
    until_scored: float  # seconds, as the next
    until_published: float
    processor: Seconds
    stages: Mapping[str, float]

    @property
    def rate(self) -> float:
        """Return the payments a second until the last event is published."""
        return self.payments / self.until_published

    @property
    def cells(self) -> dict[str, str]:
        """Return the cells of a table."""
        return {
            "scored a second": f"{self.payments / self.until_scored:,.0f}",
            "published a second": f"{self.rate:,.0f}",
            **per_payment(self.processor, self.payments),
        }


def run(console: Console, server_fixtures: ServerFixtures) -> float:
    """Print and return the throughput from the first commit to the last published event."""
    fill(server_fixtures, PAYMENTS, SEED)
    resting = at_rest(server_fixtures.servers)
    batches = consume(server_fixtures, PAYMENTS)
    print_stages(console, batches.stages, PAYMENTS, batches.until_published)
    title = f"From Kafka in batches, {PAYMENTS:,} payments\n{of_rest(resting)}"
    print_table(console, title, [{"functions": "1", **batches.cells}])
    return batches.rate


def fill(server_fixtures: ServerFixtures, count: int, seed: int) -> None:
    """Write the payments to the topic, as ingest does while the database is unavailable."""
    sender = KafkaSender(server_fixtures.connections["KAFKA_BOOTSTRAP_SERVERS"])
    hand_over = QueuePayments(KafkaPublisher(sender))
    stated = [document(one).transaction(new_id, now()) for one in payments(count, seed)]
    for start in range(0, count, _AT_ONCE):
        hand_over(stated[start : start + _AT_ONCE], INGEST, {})
    sender.close()


def consume(server_fixtures: ServerFixtures, count: int, copies: int = 1) -> BatchRun:
    """Score `count` waiting payments with copies of the function, each with its source."""
    connections = server_fixtures.connections
    engine = create_engine(connections["DATABASE_URL"], isolation_level="AUTOCOMMIT")
    with (
        KafkaLog.opened(connections["KAFKA_BOOTSTRAP_SERVERS"]) as log,
        engine.connect() as connection,
    ):

        def scored() -> int:
            return int(connection.execute(_SCORED).scalar_one())

        def published() -> int:
            ends = log.consumer.end_offsets(log.partitions(TOPIC), timeout_ms=_TIMEOUT_MS)
            return sum(ends.values())

        all_scored, all_published = scored() + count, published() + count
        with server_fixtures.running(_FUNCTION, _SOURCE, copies=copies) as programs:
            _await(scored, all_scored - count + 1, _FIRST_EVERY)
            pids = {
                "function": [each[_FUNCTION].pid for each in programs],
                "Kafka source": [each[_SOURCE].pid for each in programs],
                **server_fixtures.servers,
            }
            with measured(pids) as used:
                rest, began = all_scored - scored(), perf_counter()
                until_scored = _await(scored, all_scored, _LAST_EVERY) - began
                until_published = _await(published, all_published, _LAST_EVERY) - began
            stages = stage_seconds(programs[0][_FUNCTION].port)
    engine.dispose()
    return BatchRun(rest, until_scored, until_published, used, stages)


def _await(figure: Callable[[], int], aim: int, every: float) -> float:
    """Return the time at which the figure reached the aim."""
    deadline = perf_counter() + TIMEOUT_SECONDS
    while figure() < aim:
        if perf_counter() > deadline:
            raise TimeoutError("the payments were not scored and published in time")
        sleep(every)
    return perf_counter()
