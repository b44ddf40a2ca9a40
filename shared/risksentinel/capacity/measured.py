"""The measured figures of capacity plans, each with its benchmark."""

from dataclasses import dataclass
from typing import Final

_HTTP: Final = "`make bench`, HTTP on real servers; docs/performance.md"
_KAFKA: Final = "`make bench`, from Kafka in batches of 100; docs/performance.md"
_GROWTH: Final = "`python -m infra.bench.growth`"
_DISPATCHER: Final = "Knative's own dispatcher 1.23, knative/components/high-volume/dispatcher.yaml"


@dataclass(frozen=True, slots=True)
class MeasuredFigure:
    """A figure with its unit and the benchmark that measured it."""

    what: str
    value: float
    unit: str
    by: str


HTTP_RATE: Final = MeasuredFigure("one process, HTTP, 16 connections", 331, "payments/s", _HTTP)
MODEL_SINGLE: Final = MeasuredFigure("a model for a single payment", 0.9, "ms", _HTTP)
BATCH_RATE: Final = MeasuredFigure("one process, batches from Kafka", 1_969, "payments/s", _KAFKA)
MODEL_BATCH: Final = MeasuredFigure("a model for one of a batch", 20, "µs", _KAFKA)
CONSUMER_RATE: Final = MeasuredFigure(
    "an ordered KafkaSource's consumer", 250, "events/s", _DISPATCHER
)
PARTITION_RATE: Final = MeasuredFigure("a partition, 4 ms an event", 162, "events/s", _DISPATCHER)
DISK: Final = MeasuredFigure("PostgreSQL, with indexes", 1_565, "bytes/payment", _GROWTH)
SENDER: Final = MeasuredFigure("Redis, a sender of one payment", 592, "bytes", _GROWTH)
BUSY_SENDER: Final = MeasuredFigure(
    "Redis, a sender of 300 payments (its two keys)", 2_464, "bytes", _GROWTH
)
RECEIVER: Final = MeasuredFigure("Redis, a receiver of one payment", 459, "bytes", _GROWTH)
ANSWERS: Final = MeasuredFigure("Redis, the answers to one payment, 7 days", 319, "bytes", _GROWTH)
MEASURED: Final = (
    *(HTTP_RATE, MODEL_SINGLE, BATCH_RATE, MODEL_BATCH, CONSUMER_RATE, PARTITION_RATE),
    *(DISK, SENDER, BUSY_SENDER, RECEIVER, ANSWERS),
)
