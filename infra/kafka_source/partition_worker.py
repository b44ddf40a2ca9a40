"""Delivers the records of one partition in order, from a queue, in one thread."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from threading import Condition, Thread
from threading import Event as Flag
from typing import Final

import structlog

from infra.kafka_source.delivery import Halted
from infra.kafka_source.incoming import Incoming
from infra.kafka_source.options import Batching
from risksentinel.adapters.kafka.types import ConsumerRecord

MAX_RECORDS: Final = 2000  # in the queue; beyond it the partition is paused
MAX_BYTES: Final = 4 * 1024 * 1024
LARGEST_BATCH: Final = 600_000  # bytes of data; base64 makes them a third larger
_log = structlog.get_logger(__name__)

Work = Callable[[Sequence[Incoming]], Iterator[Incoming]]


class PartitionWorker:
    """Takes records from the polling thread, and reports the handled offset to it."""

    def __init__(
        self,
        read: Callable[[ConsumerRecord], Incoming],
        work: Callable[[Flag], Work],
        batching: Batching,
    ) -> None:
        self.halt: Final = Flag()
        self.failure: Exception | None = None
        self._read, self._work, self._batching = read, work(self.halt), batching
        self._changed = Condition()
        self._queue: deque[ConsumerRecord] = deque()
        self._waiting_bytes = 0
        self._taken = 0
        self._following: int | None = None  # the offset after the last queued record
        self._handled: int | None = None  # the offset after the last handled record
        self._thread = Thread(target=self._run, name="partition", daemon=True)
        self._thread.start()

    def offer(self, records: Sequence[ConsumerRecord]) -> None:
        """Append records to the queue; records that were queued before are ignored."""
        with self._changed:
            fresh = [r for r in records if self._following is None or r.offset >= self._following]
            if fresh:
                self._queue.extend(fresh)
                self._waiting_bytes += sum(map(_size, fresh))
                self._following = fresh[-1].offset + 1
                self._changed.notify()

    @property
    def handled(self) -> int | None:
        """The offset to commit; all earlier records are handled. None before the first one."""
        return self._handled

    @property
    def in_flight(self) -> int:
        """The number of records that are queued or being delivered."""
        with self._changed:
            return len(self._queue) + self._taken

    @property
    def is_full(self) -> bool:
        """Whether the queue is full, so that the partition must be paused."""
        return len(self._queue) >= MAX_RECORDS or self._waiting_bytes >= MAX_BYTES

    @property
    def has_room(self) -> bool:
        """Whether the queue is half empty, so that the partition can be resumed."""
        few, small = MAX_RECORDS // 2, MAX_BYTES // 2
        return len(self._queue) <= few and self._waiting_bytes <= small

    def stop(self) -> None:
        """Finish the current request, and start no other."""
        self.halt.set()
        with self._changed:
            self._changed.notify()

    def join(self, seconds: float) -> None:
        """Wait up to `seconds` for a stopped worker to end."""
        self._thread.join(max(seconds, 0.0))

    def _run(self) -> None:
        try:
            while records := self._take():
                for event in self._work([self._read(record) for record in records]):
                    self._finish(event)
        except Halted:
            pass
        except Exception as failure:  # noqa: BLE001 - a bug of the source: the process must end, not hide it
            _log.exception("source.failed")
            self.failure = failure

    def _take(self) -> list[ConsumerRecord]:
        """Return the records of the next request; none when the worker stops."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self.halt.is_set())
            if self._batching.size > 1:
                self._gather()
            if self.halt.is_set():
                return []
            taken = [self._queue.popleft()]
            size = _size(taken[0])
            while self._queue and len(taken) < self._batching.size:
                size += _size(self._queue[0])
                if size > LARGEST_BATCH:
                    break
                taken.append(self._queue.popleft())
            self._taken = len(taken)
            self._waiting_bytes -= sum(map(_size, taken))
            return taken

    def _gather(self) -> None:
        deadline = time.monotonic() + self._batching.wait
        self._changed.wait_for(
            lambda: len(self._queue) >= self._batching.size or self.halt.is_set(),
            deadline - time.monotonic(),
        )

    def _finish(self, event: Incoming) -> None:
        with self._changed:
            self._handled = event.offset + 1
            self._taken -= 1


def _size(record: ConsumerRecord) -> int:
    return len(record.value or b"") + 500  # about the size of headers and key
