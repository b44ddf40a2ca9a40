"""Sparing callers a server that failed a moment ago."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from risksentinel.errors import Unavailable


class Circuit:
    """After a failure nobody tries for a while; then one does, and all others when it went well."""

    def __init__(self, part: str, pause: float) -> None:
        self._part, self._pause = part, pause
        self._lock = Lock()
        self._failed = False
        self._resting_until = 0.0

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Try what may raise Unavailable; raises it at once while nobody should try."""
        self._enter()
        try:
            yield
        except Unavailable:
            self._failed, self._resting_until = True, monotonic() + self._pause
            raise
        self._failed, self._resting_until = False, 0.0

    def _enter(self) -> None:
        with self._lock:
            now = monotonic()
            if now < self._resting_until:
                raise Unavailable(self._part)
            if self._failed:
                self._resting_until = now + self._pause
