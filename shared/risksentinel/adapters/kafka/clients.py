"""kafka-python, which has no types: its clients are built here, within a budget."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any, Final

import kafka  # type: ignore[import-untyped]  # it has no types
from kafka import errors
from kafka.admin import ConfigResource  # type: ignore[import-untyped]  # the same
from kafka.net.compat import KafkaNetClient  # type: ignore[import-untyped]  # the same
from kafka.structs import OffsetAndMetadata, TopicPartition  # type: ignore[import-untyped]  # the same

from risksentinel.adapters.kafka.batches import read_all_batches
from risksentinel.adapters.kafka.types import Consumer, Partition, Producer
from risksentinel.errors import Misconfigured, Unavailable

ConsumerListener: Final[Any] = kafka.AsyncConsumerRebalanceListener
KafkaError: Final[Any] = errors.KafkaError
Retriable: Final[Any] = errors.RetriableError
TimedOut: Final[Any] = errors.KafkaTimeoutError
GivenUp: Final[Any] = errors.IllegalStateError  # the client was closed, perhaps by another thread
NoSuchTopic: Final[Any] = errors.UnknownTopicOrPartitionError
NotAccepted: Final = (  # by the broker or the client, for what the record is
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
    errors.InvalidRecordError,
    errors.InvalidTimestampError,
    errors.PolicyViolationError,
    errors.InvalidTopicError,
)
TOO_LARGE: Final = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)

# A client that lost its broker waits ever longer before it tries again, up to 30 s by default.
_AGAIN_WITHIN_MS: Final = 1000
_BATCH_BYTES: Final = 131_072
_METADATA_MS: Final = 5_000  # so soon are new topics and partitions seen


def open_producer(servers: str, budget: float, largest: int) -> Producer:
    """A producer that loses and doubles nothing while it lives, and gives up within the budget.

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
        # The checksum is counted in Python, over what is sent: compressed, twice as many records
        # a second go out and come in, and a single one is as fast.
        compression_type="gzip",
        batch_size=_BATCH_BYTES,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
    return producer


def open_consumer(servers: str, budget: float, **options: object) -> Consumer:
    """A consumer that starts with the oldest record, and commits only what it is told to.

    What it cannot read comes out as a record whose value is `UnreadableBytes`.

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
    read_all_batches(consumer._fetcher)  # type: ignore[attr-defined] # noqa: SLF001 - nothing public
    return consumer


def open_admin(servers: str, budget: float) -> Any:  # noqa: ANN401  # kafka-python's own answers
    """Who makes and describes topics. Raises Unavailable."""
    return _built(kafka.KafkaAdminClient, servers, budget)


def abandon(producer: Producer) -> None:
    """End a producer at once; what it has not sent is never sent, and fails."""
    with suppress(TimedOut):
        producer.close(timeout=0)
    sender = producer._sender  # type: ignore[attr-defined] # noqa: SLF001 - close() gives up before it
    sender.force_close()


def learned_since(producer: Producer, moment: float) -> bool:
    """Whether the broker told of its topics after this moment of the monotonic clock."""
    metadata = producer._metadata  # type: ignore[attr-defined] # noqa: SLF001 - nothing public says it
    return bool(metadata._last_successful_refresh_ms > moment * 1000)  # noqa: SLF001


def end_rebalance(consumer: Consumer, budget_ms: int) -> None:
    """Bring a rebalance that is under way to its end, within the budget.

    Call it before each poll. kafka-python 3.0.12 forgets a rebalance that the broker ends between
    two polls, if new topics or partitions were its reason: the group then counts on a member that
    never reads again, and sends no heartbeat either.
    """
    coordinator = consumer._coordinator  # type: ignore[attr-defined] # noqa: SLF001 - nothing public
    if coordinator.rejoining:
        coordinator.request_rejoin()
    if coordinator.need_rejoin():
        coordinator.poll(timeout_ms=budget_ms)


def forget_positions(consumer: Consumer) -> None:
    """Read every partition on from what is committed, also one that stays with this member.

    kafka-python 3.0.12 goes on behind the last record that it handed out, after a rebalance too:
    whoever dropped records when partitions were revoked would never see them again.
    """
    consumer._subscription.assign_from_subscribed([])  # type: ignore[attr-defined] # noqa: SLF001 - nothing public does


def positions(consumer: Consumer, partitions: Collection[Partition]) -> dict[Partition, int]:
    """The offset that is fetched next of each partition; those that are not known yet are left out.

    `KafkaConsumer.position` asks the broker for what is not known, which holds up the poll.
    """
    states = consumer._subscription.assignment  # type: ignore[attr-defined] # noqa: SLF001 - nothing public says it without a request
    found = {
        partition: states[partition].position for partition in partitions if partition in states
    }
    return {partition: place.offset for partition, place in found.items() if place is not None}


def resume(consumer: Consumer, partitions: Collection[Partition]) -> None:
    """Read these on after a pause. Call it before each poll, with no partitions too.

    kafka-python 3.0.12 lays aside what it had fetched of a paused partition, and takes it up again
    only where it holds nothing else: a batch that was read to its end counts as something, for
    ever where all partitions were paused. It is taken from it here.
    """
    consumer.resume(*partitions)
    fetcher = consumer._fetcher  # type: ignore[attr-defined] # noqa: SLF001 - nothing public
    if not fetcher._next_partition_records:  # noqa: SLF001
        fetcher._next_partition_records = None  # noqa: SLF001


def partition_of(topic: str, number: int) -> Partition:
    """The partition, as kafka-python wants it."""
    partition: Partition = TopicPartition(topic, number)
    return partition


def offsets(following: Mapping[Partition, int]) -> dict[Partition, object]:
    """What to commit: the offset of the first record that is not handled, by partition."""
    return {partition: OffsetAndMetadata(offset) for partition, offset in following.items()}


def topic_resource(topic: str) -> object:
    """The topic, as one asks for its configuration."""
    resource: object = ConfigResource("TOPIC", topic)
    return resource


def _built(kind: Callable[..., Any], servers: str, budget: float, **options: object) -> Any:  # noqa: ANN401
    clients: list[Any] = []

    def client(**settings: object) -> Any:  # noqa: ANN401 - kafka-python's own
        clients.append(KafkaNetClient(**settings))
        return clients[-1]

    try:
        return kind(
            bootstrap_servers=_addresses(servers),
            bootstrap_timeout_ms=int(budget * 1000),
            reconnect_backoff_max_ms=_AGAIN_WITHIN_MS,
            client_id="risksentinel",
            kafka_client=client,
            **options,
        )
    except KafkaError as error:
        for left in clients:  # a constructor that fails leaves its sockets and its thread behind
            left.close()
        raise Unavailable("broker", error) from None


def _addresses(servers: str) -> list[str]:
    addresses = [server.strip() for server in servers.split(",")]
    for address in addresses:
        host, _, port = address.rpartition(":")
        if not (host and port.isascii() and port.isdigit()):
            raise Misconfigured(
                f"KAFKA_BOOTSTRAP_SERVERS {servers}: write host:port, separated by commas"
            )
    return addresses
