"""GaugeReading: a figure that is read when somebody scrapes, and never while a payment waits."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock, Thread
from time import monotonic
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

READ_SECONDS: Final = 1.0  # for all of one scrape together; Prometheus waits ten
_log = structlog.get_logger(__name__)


class GaugeReading:
    """One gauge of one function. While what it reads does not answer, it is not there."""

    def __init__(
        self, name: str, gauge: Gauge, function: str, read: Callable[[], float], unread: Counter
    ) -> None:
        self.name = name
        self._gauge, self._function = gauge, function
        self._read, self._unread = read, unread
        self._found: float | None = None
        self._thread: Thread | None = None
        self._lock = Lock()

    def begin(self) -> None:
        """Start to read, unless an earlier reading still waits for its answer."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._found = None
                self._thread = None
                thread = Thread(target=self._look, name=f"read {self.name}", daemon=True)
                with suppress(RuntimeError):  # the process can start no more threads
                    thread.start()
                    self._thread = thread

    def finish(self, deadline: float) -> None:
        """Set the gauge to what was found by then."""
        thread = self._thread
        if thread is not None:
            thread.join(max(deadline - monotonic(), 0.0))
        found = self._found
        if found is None:
            self._unread.labels(self._function, self.name).inc()
            self.forget()
        else:
            self._gauge.labels(self._function).set(found)

    def forget(self) -> None:
        """Take the gauge out: an old figure would look like a fresh one."""
        with suppress(KeyError):  # it was not there
            self._gauge.remove(self._function)

    def _look(self) -> None:
        try:
            self._found = float(self._read())
        except Exception as error:  # noqa: BLE001  # a scrape tells what can be told
            _log.warning("gauge.unread", gauge=self.name, reason=type(error).__name__)


def read_all(readings: Sequence[GaugeReading]) -> None:
    """Read all of them at once, within the time limit."""
    for reading in readings:
        reading.begin()
    deadline = monotonic() + READ_SECONDS
    for reading in readings:
        reading.finish(deadline)
