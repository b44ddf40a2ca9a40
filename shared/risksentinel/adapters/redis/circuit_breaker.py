"""CircuitBreaker: no attempts for a while at a server that failed repeatedly."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from risksentinel.errors import Unavailable


class CircuitBreaker:
    """Opens after N consecutive failures; after a pause it lets one trial call through.

    A single failure does not open it: on a busy machine a process may not get the processor in
    time. Failures of attempts that ran at the same time count as one, for the same reason.
    """

    def __init__(
        self, part: str, pause: float, *, failures: int, on_open: Callable[[], None]
    ) -> None:
        self._part, self._pause, self._on_open = part, pause, on_open
        self._lock = Lock()
        self._left = self._failures = failures
        self._open_until = self._failed_at = 0.0

    @contextmanager
    def attempt(self) -> Iterator[bool]:
        """Guard an attempt that may raise Unavailable; raises it at once while the breaker is open.

        Yields whether the last attempt succeeded.
        """
        began, well = self._enter()
        try:
            yield well
        except Unavailable:
            self._fail(began)
            raise
        with self._lock:
            self._left, self._open_until = self._failures, 0.0

    def _enter(self) -> tuple[float, bool]:
        with self._lock:
            now = monotonic()
            if now < self._open_until:
                raise Unavailable(self._part)
            if not self._left:
                self._open_until = now + self._pause
            return now, self._left == self._failures

    def _fail(self, began: float) -> None:
        with self._lock:
            now = monotonic()
            if began < self._failed_at:
                return
            self._failed_at, self._left = now, max(0, self._left - 1)
            opens = not self._left
            if opens:
                self._open_until = now + self._pause
        if opens:
            self._on_open()
