"""The assigned partitions of the source, each with its worker."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock

from infra.kafka_source.partition_worker import PartitionWorker
from risksentinel.adapters.kafka.types import ConsumerRecord, Partition

NewWorker = Callable[[], PartitionWorker]


class Workers:
    """Shared by the polling thread and by kafka-python's thread, which reports rebalances."""

    def __init__(self, new_worker: NewWorker) -> None:
        self._new_worker = new_worker
        self._lock = Lock()
        self._workers: dict[Partition, PartitionWorker] = {}

    def offer(self, records: Mapping[Partition, Sequence[ConsumerRecord]]) -> None:
        """Queue records at their partitions' workers; the first record creates the worker."""
        for partition, some in records.items():
            with self._lock:
                if partition not in self._workers:
                    self._workers[partition] = self._new_worker()
                worker = self._workers[partition]
            worker.offer(some)

    def handled(self) -> dict[Partition, int]:
        """Return the offset to commit of each partition."""
        return _handled(self._held())

    def in_flight(self) -> dict[Partition, int]:
        """Return the number of records in flight of each partition."""
        return {partition: worker.in_flight for partition, worker in self._held().items()}

    def full(self) -> set[Partition]:
        """Return the partitions to pause, whose queues are full."""
        return {partition for partition, worker in self._held().items() if worker.is_full}

    def roomy(self) -> set[Partition]:
        """Return the partitions that can be resumed."""
        return {partition for partition, worker in self._held().items() if worker.has_room}

    def failure(self) -> Exception | None:
        """Return the exception that ended a worker, if any."""
        failures = (worker.failure for worker in self._held().values())
        return next((failure for failure in failures if failure), None)

    def release(
        self, partitions: Collection[Partition] | None, seconds: float
    ) -> dict[Partition, int]:
        """Stop workers after their current request, within `seconds`, and drop their queues.

        Returns the offset to commit of each partition. None stops all partitions.
        """
        with self._lock:
            chosen = list(self._workers) if partitions is None else partitions
            leaving = {p: self._workers.pop(p) for p in chosen if p in self._workers}
        for worker in leaving.values():
            worker.stop()
        deadline = time.monotonic() + seconds
        for worker in leaving.values():
            worker.join(deadline - time.monotonic())
        return _handled(leaving)

    def _held(self) -> dict[Partition, PartitionWorker]:
        with self._lock:
            return dict(self._workers)


def _handled(workers: Mapping[Partition, PartitionWorker]) -> dict[Partition, int]:
    found = {partition: worker.handled for partition, worker in workers.items()}
    return {partition: offset for partition, offset in found.items() if offset is not None}
