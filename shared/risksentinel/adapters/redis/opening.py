"""Opening: connections are opened by threads, so that callers keep their timeouts."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

from risksentinel.adapters.redis.waiting import BUSY_WITHIN, ServerActivity, wait_until

Opened = TypeVar("Opened")


class StillOpening(TimeoutError):
    """The connection is not open yet; it may be opened later."""


class Opening:
    """Opens connections on its own threads: a name lookup or a handshake may take seconds.

    A caller gets StillOpening within its timeout. A connection that opens later is kept for the
    next caller, so that a server with a slow handshake stays reachable.
    """

    def __init__(self) -> None:
        self._late: set[Future[Any]] = set()

    def open(
        self,
        work: Callable[[], Opened],
        activity: ServerActivity,
        timeout: float,
        keep_late: Callable[[Opened], object],
    ) -> Opened:
        """The result of `work`; a result after the timeout goes to `keep_late`.

        Raises:
            StillOpening: `work` takes too long, or an earlier late one still runs.
        """
        if not all(late.done() for late in tuple(self._late)):
            raise StillOpening
        coming: Future[Opened] = Future()
        Thread(target=_do, args=(work, coming), name="redis-opening", daemon=True).start()
        try:
            _wait((coming,), activity, timeout)
        except TimeoutError:
            self._leave(coming, keep_late)
            raise StillOpening from None
        return coming.result()

    def wait_for_late(self, activity: ServerActivity, timeout: float) -> None:
        """Wait until late results of earlier callers are there, or the timeout ends."""
        with suppress(TimeoutError):
            _wait(tuple(self._late), activity, timeout)

    def _leave(self, coming: Future[Opened], keep_late: Callable[[Opened], object]) -> None:
        def came(future: Future[Opened]) -> None:
            self._late.discard(future)
            if future.exception() is None:
                keep_late(future.result())

        self._late.add(coming)
        coming.add_done_callback(came)


def _wait(coming: Sequence[Future[Any]], activity: ServerActivity, timeout: float) -> None:
    def are_there(seconds: float) -> bool:
        return not wait(coming, seconds).not_done

    wait_until(are_there, activity, timeout, max(2 * timeout, BUSY_WITHIN))


def _do(work: Callable[[], Opened], coming: Future[Opened]) -> None:
    try:
        coming.set_result(work())
    except Exception as error:  # noqa: BLE001 - it is raised where the result is waited for
        coming.set_exception(error)
