"""Clients of kafka-python, which has no types: built within a time budget."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any, Final

import kafka  # type: ignore[import-untyped]  # it has no types
from kafka import errors
from kafka.admin import ConfigResource  # type: ignore[import-untyped]  # the same
from kafka.net.compat import KafkaNetClient  # type: ignore[import-untyped]  # the same
from kafka.structs import OffsetAndMetadata, TopicPartition  # type: ignore[import-untyped]  # the same

from risksentinel.adapters.kafka.batches import read_all_batches
from risksentinel.adapters.kafka.brokers import Servers, brokers_at
from risksentinel.adapters.kafka.refusal import refusal
from risksentinel.adapters.kafka.types import Consumer, Partition, Producer
from risksentinel.errors import Unavailable

ConsumerListener: Final[Any] = kafka.AsyncConsumerRebalanceListener
KafkaError: Final[Any] = errors.KafkaError
Retriable: Final[Any] = errors.RetriableError
TimedOut: Final[Any] = errors.KafkaTimeoutError
GivenUp: Final[Any] = errors.IllegalStateError  # the client was closed, possibly by another thread
NoSuchTopic: Final[Any] = errors.UnknownTopicOrPartitionError
NotAccepted: Final = (  # by the broker or the client, because of the record itself
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
    errors.InvalidRecordError,
    errors.InvalidTimestampError,
    errors.PolicyViolationError,
    errors.InvalidTopicError,
)
TOO_LARGE: Final = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)

# A client without a connection waits longer after each attempt, by default up to 30 s.
_AGAIN_WITHIN_MS: Final = 1000
_BATCH_BYTES: Final = 131_072
_METADATA_MS: Final = 5_000  # new topics and partitions are found within this time


def open_producer(servers: Servers, budget: float, largest: int) -> Producer:
    """An idempotent producer with acks=all, which fails within the budget.

    Raises:
        Unavailable: no broker answered within the budget.
    """
    producer: Producer = _built(
        kafka.KafkaProducer,
        servers,
        budget,
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_block_ms=int(budget * 1000),
        request_timeout_ms=int(budget * 750),
        delivery_timeout_ms=int(budget * 1000),
        max_request_size=largest,
        # A batch is stored in a tenth of its size for 12 microseconds a record, and other programs
        # read gzip without a further library.
        compression_type="gzip",
        batch_size=_BATCH_BYTES,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
    return producer


def open_consumer(servers: Servers, budget: float, **options: object) -> Consumer:
    """A consumer that starts with the oldest record and does not commit by itself.

    An unreadable record has the value `UnreadableBytes`.

    Raises:
        Unavailable: no broker answered within the budget.
    """
    consumer: Consumer = _built(
        kafka.KafkaConsumer,
        servers,
        budget,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        allow_auto_create_topics=False,
        metrics_enabled=False,
        metadata_max_age_ms=_METADATA_MS,
        **options,
    )
    read_all_batches(consumer._fetcher)  # type: ignore[attr-defined] # noqa: SLF001 - no public name
    return consumer


def open_admin(servers: Servers, budget: float) -> Any:  # noqa: ANN401  # kafka-python's own answers
    """A client that creates and describes topics. Raises Unavailable."""
    return _built(kafka.KafkaAdminClient, servers, budget)


def abandon(producer: Producer) -> None:
    """Close a producer at once; records that are not sent yet fail."""
    with suppress(TimedOut):
        producer.close(timeout=0)
    sender = producer._sender  # type: ignore[attr-defined] # noqa: SLF001 - close() returns before it ends
    sender.force_close()


def learned_since(producer: Producer, moment: float) -> bool:
    """Whether metadata arrived from the broker after this moment of the monotonic clock."""
    metadata = producer._metadata  # type: ignore[attr-defined] # noqa: SLF001 - no public name has it
    return bool(metadata._last_successful_refresh_ms > moment * 1000)  # noqa: SLF001


def end_rebalance(consumer: Consumer, budget_ms: int) -> None:
    """Complete a running rebalance, within the budget.

    Call it before each poll. kafka-python 3.0.12 loses a rebalance that the broker completes
    between two polls, if new topics or partitions caused it: the group then has a member that never
    reads again and sends no heartbeat.
    """
    coordinator = consumer._coordinator  # type: ignore[attr-defined] # noqa: SLF001 - no public name
    if coordinator.rejoining:
        coordinator.request_rejoin()
    if coordinator.need_rejoin():
        coordinator.poll(timeout_ms=budget_ms)


def forget_positions(consumer: Consumer) -> None:
    """Continue every partition from its committed offset, also one that stays with this member.

    kafka-python 3.0.12 continues after the last record that it returned, after a rebalance too:
    records that were dropped when partitions were revoked would never be read again.
    """
    consumer._subscription.assign_from_subscribed([])  # type: ignore[attr-defined] # noqa: SLF001 - no public name does it


def positions(consumer: Consumer, partitions: Collection[Partition]) -> dict[Partition, int]:
    """The next offset of each partition; partitions without a known offset are left out.

    `KafkaConsumer.position` requests an unknown offset from the broker, which delays the poll.
    """
    states = consumer._subscription.assignment  # type: ignore[attr-defined] # noqa: SLF001 - no public name has it without a request
    found = {
        partition: states[partition].position for partition in partitions if partition in states
    }
    return {partition: place.offset for partition, place in found.items() if place is not None}


def resume(consumer: Consumer, partitions: Collection[Partition]) -> None:
    """Resume these partitions. Call it before each poll, also without partitions.

    kafka-python 3.0.12 sets fetched records of a paused partition aside, and continues with them
    only where it has no other batch: a batch that was read to its end still counts, permanently
    where all partitions were paused. This function removes that batch.
    """
    consumer.resume(*partitions)
    fetcher = consumer._fetcher  # type: ignore[attr-defined] # noqa: SLF001 - no public name
    if not fetcher._next_partition_records:  # noqa: SLF001
        fetcher._next_partition_records = None  # noqa: SLF001


def partition_of(topic: str, number: int) -> Partition:
    """The partition as an object of kafka-python."""
    partition: Partition = TopicPartition(topic, number)
    return partition


def offsets(following: Mapping[Partition, int]) -> dict[Partition, object]:
    """The offsets to commit: the first record of each partition that is not handled."""
    return {partition: OffsetAndMetadata(offset) for partition, offset in following.items()}


def topic_resource(topic: str) -> object:
    """The resource that names a topic's configuration."""
    resource: object = ConfigResource("TOPIC", topic)
    return resource


def _built(kind: Callable[..., Any], servers: Servers, budget: float, **options: object) -> Any:  # noqa: ANN401
    brokers = brokers_at(servers)
    access = brokers.options()
    clients: list[Any] = []

    def client(**settings: object) -> Any:  # noqa: ANN401 - kafka-python's own
        clients.append(KafkaNetClient(**settings))
        return clients[-1]

    try:
        return kind(
            bootstrap_timeout_ms=int(budget * 1000),
            reconnect_backoff_max_ms=_AGAIN_WITHIN_MS,
            client_id="risksentinel",
            kafka_client=client,
            **access,
            **options,
        )
    except KafkaError as error:
        reason = refusal(brokers)
        for left in clients:  # a failed constructor leaves its sockets and its thread open
            left.close()
        raise Unavailable("broker", error, reason) from None
