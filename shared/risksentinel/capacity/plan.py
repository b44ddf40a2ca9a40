"""Plan: the capacity that a rate of payments needs, from the figures of measured.py."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from risksentinel.adapters.redis.history_calls import RETENTION
from risksentinel.adapters.sql.engine import POOL_SIZE
from risksentinel.capacity.measured import (
    ANSWERS,
    BATCH_RATE,
    BUSY_SENDER,
    CONSUMER_RATE,
    DISK,
    HTTP_RATE,
    MODEL_BATCH,
    MODEL_SINGLE,
    PARTITION_RATE,
    RECEIVER,
    SENDER,
)

# Share of the rate of a core, consumer or partition. The reserve covers peaks until a new pod has
# started, and the backlog after a pause: without a reserve, a backlog never shrinks.
TARGET_UTILISATION: Final = 0.75
MAX_SINGLE_RATE: Final = 1_000  # events per second; above, 100 events share a transaction
MIN_PARTITIONS: Final = 8  # the number can only grow, and growth moves keys
BATCHES_A_POD: Final = 2  # one computes while the other waits for the database
OTHER_PODS: Final = 11  # maximum of alert-dispatch, rules-crud and dashboard in production
JOBS: Final = 3  # that may run at the same time
RESERVED: Final = 3  # reserved by PostgreSQL for superusers
DAY: Final = 86_400  # seconds
_GIGABYTE: Final = 1e9
_MILLION: Final = 1_000_000
SINGLE_RATE: Final = TARGET_UTILISATION / (1 / HTTP_RATE.value + MODEL_SINGLE.value / 1e3)
BATCHED_RATE: Final = TARGET_UTILISATION / (1 / BATCH_RATE.value + MODEL_BATCH.value / 1e6)


@dataclass(frozen=True, slots=True)
class Plan:
    """The capacity for a peak rate of payments per second, by HTTP or from Kafka, with a model."""

    rate: int

    @property
    def in_batches(self) -> bool:
        """Whether payments from Kafka are processed in batches of 100."""
        return self.rate > MAX_SINGLE_RATE

    @property
    def ingest_pods(self) -> int:
        """Pods of one core if all payments come by HTTP."""
        return ceil(self.rate / SINGLE_RATE)

    @property
    def score_pods(self) -> int:
        """Pods of one core if all payments come from Kafka."""
        return ceil(self.rate / (BATCHED_RATE if self.in_batches else SINGLE_RATE))

    @property
    def consumers(self) -> int:
        """Consumers of a KafkaSource, or pods of the source that sends batches."""
        of_one = BATCH_RATE if self.in_batches else CONSUMER_RATE
        return ceil(self.rate / (TARGET_UTILISATION * of_one.value))

    @property
    def partitions(self) -> int:
        """Partitions of each topic, a multiple of the consumers."""
        busy = (
            BATCHES_A_POD * self.score_pods
            if self.in_batches
            else ceil(self.rate / (TARGET_UTILISATION * PARTITION_RATE.value))
        )
        return ceil(max(busy, MIN_PARTITIONS) / self.consumers) * self.consumers

    @property
    def connections(self) -> int:
        """max_connections of PostgreSQL during a rollout of the largest function."""
        pods = self.ingest_pods + self.score_pods + OTHER_PODS
        return (pods + max(self.ingest_pods, self.score_pods) + JOBS) * POOL_SIZE + RESERVED

    @property
    def disk(self) -> float:
        """Bytes that PostgreSQL grows by in a day at the peak rate."""
        return self.rate * DAY * DISK.value

    @property
    def answers(self) -> float:
        """Bytes of Redis for stored answers to repeated payments, after a week at the peak rate."""
        return self.rate * RETENTION.answers.total_seconds() * ANSWERS.value

    def rows(self) -> dict[str, str]:
        """The rows of the printed table, by name."""
        quiet, busy = (
            _MILLION * (sender.value + RECEIVER.value) / _GIGABYTE
            for sender in (SENDER, BUSY_SENDER)
        )
        return {
            "`ingest`, all by HTTP: pods of a core": f"{self.ingest_pods}",
            "from Kafka": "batches" if self.in_batches else "KafkaSource",
            "`score`, all from Kafka: pods of a core": f"{self.score_pods}",
            "consumers, or pods of the source": f"{self.consumers}",
            "partitions of a topic": f"{self.partitions}",
            "PostgreSQL: `max_connections`": f"{self.connections}",
            "PostgreSQL: GB a day, busy all day": f"{self.disk / _GIGABYTE:,.1f}",
            "Redis: GB a million senders and receivers": f"{quiet:.1f} to {busy:.1f}",
            "Redis: GB of first answers, busy all week": f"{self.answers / _GIGABYTE:,.1f}",
        }
