"""Sparing callers a server that failed a moment ago."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from risksentinel.errors import Unavailable


class Circuit:
    """After failures in a row nobody tries for a while; then one does, and all when it went well.

    One failure alone is no outage: on a busy machine it is a process that did not get its turn.
    """

    def __init__(
        self, part: str, pause: float, *, failures: int, on_rest: Callable[[], None]
    ) -> None:
        self._part, self._pause, self._on_rest = part, pause, on_rest
        self._lock = Lock()
        self._left = self._failures = failures
        self._resting_until = 0.0

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Try what may raise Unavailable; raises it at once while nobody should try."""
        self._enter()
        try:
            yield
        except Unavailable:
            self._fail()
            raise
        with self._lock:
            self._left, self._resting_until = self._failures, 0.0

    def _enter(self) -> None:
        with self._lock:
            now = monotonic()
            if now < self._resting_until:
                raise Unavailable(self._part)
            if not self._left:
                self._resting_until = now + self._pause

    def _fail(self) -> None:
        with self._lock:
            self._left = max(0, self._left - 1)
            rests = not self._left
            if rests:
                self._resting_until = monotonic() + self._pause
        if rests:
            self._on_rest()
