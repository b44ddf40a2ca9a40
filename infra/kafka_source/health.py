"""Health of a source: it polls its topics, and its sink answers."""

import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import urllib3

# Joining and reassigning take up to 10 s; else there are 10 polls a second.
MAX_SECONDS_WITHOUT_POLL: Final = 20.0
_TIMEOUT: Final = 2.0  # seconds; the timeout of a health check is 3 s
_READINESS: Final = "/health/readiness"
_OK: Final = "ok"
_AWAY: Final = frozenset({502, 503, 504})  # with any other status the sink works


class SourceHealth:
    """Written by the working threads, read by those that answer health checks and scrapes."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._polled_at = seconds()
        self._has_polled = False
        self._sink_unavailable = False

    def polled(self) -> None:
        """Record a poll of the broker."""
        self._polled_at = self._seconds()
        self._has_polled = True

    def sink_answered(self, *, unavailable: bool) -> None:
        """Record whether the function was available for the last request."""
        self._sink_unavailable = unavailable

    @property
    def seconds_without_poll(self) -> float:
        """Return the seconds since the last poll, or since the start."""
        return self._seconds() - self._polled_at

    @property
    def works(self) -> bool:
        """Return whether the source polls and its function was available for the last request."""
        return self._polling == _OK and not self._sink_unavailable

    def checks(self, sink: str) -> dict[str, str]:
        """Return each check with `ok` or the fault; this sends a request to the sink."""
        return {"broker": self._polling, "sink": _answer_of(sink)}

    @property
    def _polling(self) -> str:
        silent = self.seconds_without_poll
        if self._has_polled and silent <= MAX_SECONDS_WITHOUT_POLL:
            return _OK
        return f"no poll for {silent:.0f} s: the broker does not answer, or the group is joining"


def _answer_of(sink: str) -> str:
    parts = urlsplit(sink)
    try:
        with urllib3.PoolManager(timeout=_TIMEOUT, retries=False) as pool:
            status = pool.request("GET", f"{parts.scheme}://{parts.netloc}{_READINESS}").status
    except urllib3.exceptions.HTTPError:
        return "the sink does not answer"
    return f"the sink is not ready: it answers {status}" if status in _AWAY else _OK
