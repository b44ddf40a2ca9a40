"""Sparing callers a server that failed a moment ago."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from risksentinel.errors import Unavailable


class CircuitBreaker:
    """After failures in a row nobody tries for a while; then one does, and all when it went well.

    One failure alone is no outage: on a busy machine it is a process that did not get its turn.
    Failures of attempts that were under way together are one failure, for the same reason.
    """

    def __init__(
        self, part: str, pause: float, *, failures: int, on_open: Callable[[], None]
    ) -> None:
        self._part, self._pause, self._on_open = part, pause, on_open
        self._lock = Lock()
        self._left = self._failures = failures
        self._resting_until = self._failed_at = 0.0

    @contextmanager
    def attempt(self) -> Iterator[bool]:
        """Try what may raise Unavailable; raises it at once while nobody should try.

        Gives whether the last attempt went well.
        """
        began, well = self._enter()
        try:
            yield well
        except Unavailable:
            self._fail(began)
            raise
        with self._lock:
            self._left, self._resting_until = self._failures, 0.0

    def _enter(self) -> tuple[float, bool]:
        with self._lock:
            now = monotonic()
            if now < self._resting_until:
                raise Unavailable(self._part)
            if not self._left:
                self._resting_until = now + self._pause
            return now, self._left == self._failures

    def _fail(self, began: float) -> None:
        with self._lock:
            now = monotonic()
            if began < self._failed_at:
                return
            self._failed_at, self._left = now, max(0, self._left - 1)
            rests = not self._left
            if rests:
                self._resting_until = now + self._pause
        if rests:
            self._on_open()
