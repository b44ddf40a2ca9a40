"""WorkQueue: the threads of one server, and the requests that wait for a thread."""

from collections import deque
from collections.abc import Iterator
from itertools import count
from typing import Protocol, cast

from typing_extensions import override
from waitress.task import Task, ThreadedTaskDispatcher

from risksentinel.server.bounds import Bounds


class Work(Protocol):
    """A connection with one complete request."""

    @property
    def is_large(self) -> bool:
        """Whether the request has a large body."""


class _Lanes:
    """Waiting work in order of arrival; large work waits while too much of it is in progress."""

    def __init__(self, large_at_once: int) -> None:
        self._numbers: Iterator[int] = count()
        self._small: deque[tuple[int, Work]] = deque()
        self._large: deque[tuple[int, Work]] = deque()
        self.large_free = large_at_once

    def append(self, work: Work) -> None:
        (self._large if work.is_large else self._small).append((next(self._numbers), work))

    def popleft(self) -> Work:
        large_is_next = self.large_free > 0 and self._large
        if large_is_next and not (self._small and self._small[0] < self._large[0]):
            self.large_free -= 1
            return self._large.popleft()[1]
        return self._small.popleft()[1]

    def free_large(self, count: int = 1) -> None:
        self.large_free += count

    def waiting(self, *, large: bool) -> int:
        return len(self._large if large else self._small)

    def __len__(self) -> int:
        """The work that a thread may start now."""
        return len(self._small) + min(len(self._large), self.large_free)


class WorkQueue(ThreadedTaskDispatcher):
    """Waitress's threads, with a bound on what waits and on threads with large requests."""

    def __init__(self, bounds: Bounds) -> None:
        super().__init__()
        self._bounds = bounds
        self._lanes = _Lanes(bounds.large_at_once)
        self.queue = cast("deque[Task]", self._lanes)
        self.set_thread_count(bounds.threads)

    def has_room(self, *, large: bool) -> bool:
        """Whether one more request may wait, beside those that a free thread is about to take."""
        if large:
            most = self._bounds.large_waiting + self._lanes.large_free
        else:
            most = self._bounds.waiting + len(self.threads) - self.active_count
        return self._lanes.waiting(large=large) < most

    @override
    def add_task(self, task: Task) -> None:
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()

    def finished_large(self) -> None:
        """Let the next large request start."""
        with self.lock:
            self._lanes.free_large()
            self.queue_cv.notify()

    @override
    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        with self.lock:
            self._lanes.free_large(self._lanes.waiting(large=True) + 1)
        return super().shutdown(cancel_pending, timeout)
