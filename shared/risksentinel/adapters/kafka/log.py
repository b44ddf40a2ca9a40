"""KafkaLog: reads a topic backwards or at one place, without a consumer group."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self

from risksentinel.adapters.kafka.brokers import Servers
from risksentinel.adapters.kafka.clients import KafkaError, open_consumer, partition_of
from risksentinel.adapters.kafka.types import Consumer, ConsumerRecord, Partition
from risksentinel.errors import Unavailable

BUDGET: Final = 5.0
_TIMEOUT_MS: Final = 5000
_POLL_MS: Final = 500
_EMPTY_POLLS: Final = 20


@dataclass(frozen=True, slots=True)
class KafkaLog:
    """The records that are in topics at the start; later ones are not read."""

    consumer: Consumer

    @classmethod
    @contextmanager
    def opened(cls, servers: Servers) -> Iterator[Self]:
        """Open a reader for one block.

        Raises:
            Unavailable: the broker does not answer, now or during the block.
        """
        consumer = open_consumer(servers, BUDGET)
        try:
            yield cls(consumer)
        except KafkaError as error:
            raise Unavailable("broker", error) from None
        finally:
            consumer.close(autocommit=False, timeout_ms=_TIMEOUT_MS)

    def partitions(self, topic: str) -> list[Partition]:
        """The partitions of the topic; empty where the topic does not exist."""
        return [partition_of(topic, number) for number in self.consumer.partitions_for_topic(topic)]

    def ends(self, partition: Partition) -> tuple[int, int]:
        """The oldest stored offset, and the next offset."""
        first = self.consumer.beginning_offsets([partition], timeout_ms=_TIMEOUT_MS)
        following = self.consumer.end_offsets([partition], timeout_ms=_TIMEOUT_MS)
        return first[partition], following[partition]

    def backwards(self, partition: Partition, step: int) -> Iterator[ConsumerRecord]:
        """The records of the partition, newest first; `step` of them in memory at a time."""
        first, following = self.ends(partition)
        while following > first:
            start = max(first, following - step)
            yield from reversed(self.between(partition, start, following))
            following = start

    def between(self, partition: Partition, start: int, following: int) -> Sequence[ConsumerRecord]:
        """The records from `start` to before `following`, in order."""
        self.consumer.assign([partition])
        self.consumer.seek(partition, start)
        found: list[ConsumerRecord] = []
        empty = 0
        while self.consumer.position(partition, timeout_ms=_TIMEOUT_MS) < following:
            records = self.consumer.poll(timeout_ms=_POLL_MS).get(partition, ())
            empty = 0 if records else empty + 1
            if empty > _EMPTY_POLLS:
                raise Unavailable("broker")
            found += [record for record in records if record.offset < following]
        return found
