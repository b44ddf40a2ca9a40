"""Types of the parts of kafka-python that are used."""

# ruff: noqa: D102 - their methods are kafka-python's, and documented there

from collections.abc import Awaitable, Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

Header: TypeAlias = tuple[str, bytes]
Partition: TypeAlias = tuple[str, int]  # topic and number


class Place(Protocol):
    """The place of a sent record."""

    partition: int
    offset: int


class SendFuture(Protocol):
    """A record in flight."""

    def get(self, timeout: float) -> Place:
        """Wait for the broker's answer. Raises KafkaError."""


class Producer(Protocol):
    """KafkaProducer."""

    def send(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None,
        headers: list[Header],
        partition: int | None,
    ) -> SendFuture: ...

    def close(self, timeout: float) -> None: ...


class ConsumerRecord(Protocol):
    """A record that was read from a topic."""

    @property
    def topic(self) -> str: ...

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...

    @property
    def timestamp(self) -> int: ...

    @property
    def key(self) -> bytes | None: ...

    @property
    def value(self) -> bytes | None: ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


class Consumer(Protocol):
    """KafkaConsumer, for one thread."""

    def subscribe(self, topics: Collection[str], *, listener: object) -> None: ...

    def assign(self, partitions: Collection[Partition]) -> None: ...

    def assignment(self) -> set[Partition]: ...

    def poll(self, timeout_ms: float) -> Mapping[Partition, Sequence[ConsumerRecord]]: ...

    def pause(self, *partitions: Partition) -> None: ...

    def resume(self, *partitions: Partition) -> None: ...

    def paused(self) -> set[Partition]: ...

    def seek(self, partition: Partition, offset: int) -> None: ...

    def position(self, partition: Partition, timeout_ms: float) -> int: ...

    def commit(self, offsets: Mapping[Partition, object], timeout_ms: float) -> None: ...

    def commit_async(self, offsets: Mapping[Partition, object]) -> Awaitable[object]: ...

    def beginning_offsets(
        self, partitions: Iterable[Partition], timeout_ms: float
    ) -> Mapping[Partition, int]: ...

    def end_offsets(
        self, partitions: Iterable[Partition], timeout_ms: float
    ) -> Mapping[Partition, int]: ...

    def topics(self) -> set[str]: ...

    def partitions_for_topic(self, topic: str) -> set[int]: ...

    def close(self, *, autocommit: bool, timeout_ms: float) -> None: ...
