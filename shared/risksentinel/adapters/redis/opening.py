"""Opening connections where it holds nobody up."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

from risksentinel.adapters.redis.waiting import BUSY_WITHIN, Pulse, wait_until

Opened = TypeVar("Opened")


class StillOpening(TimeoutError):
    """What is being opened is not there yet; it may come later."""


class Opening:
    """Opens on threads of its own: looking up a name or a handshake may take seconds.

    Who waits is told in time that it takes too long. What comes later is kept for the next one,
    so a server that is slow to greet is not out of reach for ever.
    """

    def __init__(self) -> None:
        self._late: set[Future[Any]] = set()

    def open(
        self,
        work: Callable[[], Opened],
        pulse: Pulse,
        patience: float,
        keep_late: Callable[[Opened], object],
    ) -> Opened:
        """Answer what `work` opens, or hand it to `keep_late` when it comes too late.

        Raises:
            StillOpening: it takes too long, or an earlier one that took too long still does.
        """
        if not all(late.done() for late in tuple(self._late)):
            raise StillOpening
        coming: Future[Opened] = Future()
        Thread(target=_do, args=(work, coming), name="redis-opening", daemon=True).start()
        try:
            _wait((coming,), pulse, patience)
        except TimeoutError:
            self._leave(coming, keep_late)
            raise StillOpening from None
        return coming.result()

    def wait_for_late(self, pulse: Pulse, patience: float) -> None:
        """Wait until what came too late for others is there, or the patience ends."""
        with suppress(TimeoutError):
            _wait(tuple(self._late), pulse, patience)

    def _leave(self, coming: Future[Opened], keep_late: Callable[[Opened], object]) -> None:
        def came(future: Future[Opened]) -> None:
            self._late.discard(future)
            if future.exception() is None:
                keep_late(future.result())

        self._late.add(coming)
        coming.add_done_callback(came)


def _wait(coming: Sequence[Future[Any]], pulse: Pulse, patience: float) -> None:
    def are_there(seconds: float) -> bool:
        return not wait(coming, seconds).not_done

    wait_until(are_there, pulse, patience, max(2 * patience, BUSY_WITHIN))


def _do(work: Callable[[], Opened], coming: Future[Opened]) -> None:
    try:
        coming.set_result(work())
    except Exception as error:  # noqa: BLE001 - it is raised where the result is waited for
        coming.set_exception(error)
