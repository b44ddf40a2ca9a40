"""Opening: PostgreSQL connections are opened by threads where a payment has a deadline.

libpq waits two seconds at least for a server that accepts connections and does not answer.
"""

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from threading import BoundedSemaphore, Thread
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.pool import QueuePool
from sqlalchemy.util.queue import Queue
from typing_extensions import override

from risksentinel import deadline


class _Closable(Protocol):
    def close(self) -> None: ...


Opened = TypeVar("Opened", bound=_Closable)


class Opening(Generic[Opened]):
    """Opens a connection within the deadline; one that opens later is closed."""

    def __init__(self, at_once: int, late: Callable[[], Exception]) -> None:
        self._free = BoundedSemaphore(at_once)
        self._late = late

    def open(self, work: Callable[[], Opened], seconds: float) -> Opened:
        """The result of `work`, which takes `seconds` at most, or until the deadline.

        Raises the error of `work`, or `late()`; at once where `at_once` others are still opening.
        """
        if not deadline.is_set():
            return work()
        if not self._free.acquire(blocking=False):
            raise self._late()
        coming: Future[Opened] = Future()
        Thread(target=self._do, args=(work, coming), name="sql-opening", daemon=True).start()
        try:
            return coming.result(deadline.left(seconds))
        except FutureTimeoutError:
            coming.add_done_callback(_close)
            raise self._late() from None

    def _do(self, work: Callable[[], Opened], coming: "Future[Opened]") -> None:
        try:
            coming.set_result(work())
        except Exception as error:  # noqa: BLE001 - it is raised where the result is waited for
            coming.set_exception(error)
        finally:
            self._free.release()


def _close(coming: "Future[Any]") -> None:
    with suppress(Exception):  # it was not opened
        coming.result().close()


class _PoolQueue(Queue[Any]):
    """Waits for a free connection until the deadline at the longest."""

    @override
    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        return super().get(block, None if timeout is None else deadline.left(timeout))


class DeadlinePool(QueuePool):
    """SQLAlchemy's pool, where a payment waits for a connection until its deadline."""

    _queue_class = _PoolQueue
    _sqla_logger_namespace = "sqlalchemy.pool.impl.QueuePool"  # its messages are not ours
