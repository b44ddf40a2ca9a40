"""InTime: runs what no timeout can end in threads, where a payment has a deadline."""

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from threading import BoundedSemaphore, Thread
from typing import Generic, TypeVar

from risksentinel import deadline

Result = TypeVar("Result")


class InTime(Generic[Result]):
    """A result that comes after the deadline goes to `discard`.

    At most `at_once` pieces of work are in progress; `late` makes the error of any that is not in
    time.
    """

    def __init__(
        self,
        at_once: int,
        late: Callable[[], Exception],
        discard: Callable[[Result], object] = lambda _: None,
    ) -> None:
        self._free = BoundedSemaphore(at_once)
        self._late, self._discard = late, discard

    def run(self, work: Callable[[], Result], most: float) -> Result:
        """The result of `work`; without a deadline it runs in this thread and takes its own time.

        Raises the error of `work`. Raises `late()` after `most` seconds or at the deadline, and at
        once where `at_once` others are in progress.
        """
        if not deadline.is_set():
            return work()
        if not self._free.acquire(blocking=False):
            raise self._late()
        coming: Future[Result] = Future()
        Thread(target=self._do, args=(work, coming), name="in-time", daemon=True).start()
        try:
            return coming.result(deadline.left(most))
        except FutureTimeoutError:
            coming.add_done_callback(self._came_late)
            raise self._late() from None

    def _do(self, work: Callable[[], Result], coming: "Future[Result]") -> None:
        try:
            coming.set_result(work())
        except Exception as error:  # noqa: BLE001 - it is raised where the result is waited for
            coming.set_exception(error)
        finally:
            self._free.release()

    def _came_late(self, coming: "Future[Result]") -> None:
        if coming.exception() is None:
            self._discard(coming.result())
