"""GaugeReading: a gauge whose value is read during a scrape, not during a payment."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock, Thread
from time import monotonic
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

READ_SECONDS: Final = 1.0  # for all gauges of a scrape; Prometheus waits 10 s
_log = structlog.get_logger(__name__)


class GaugeReading:
    """One gauge of one function. The gauge is absent while its source does not answer."""

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
        """Start a read in a thread, unless an earlier read is still running."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._found = None
                self._thread = None
                thread = Thread(target=self._read_value, name=f"read {self.name}", daemon=True)
                with suppress(RuntimeError):  # the process cannot start another thread
                    thread.start()
                    self._thread = thread

    def finish(self, deadline: float) -> None:
        """Set the gauge to the value read until `deadline`, or remove the gauge."""
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
        """Remove the gauge: an old value would look current."""
        with suppress(KeyError):  # the gauge is already absent
            self._gauge.remove(self._function)

    def _read_value(self) -> None:
        try:
            self._found = float(self._read())
        except Exception as error:  # noqa: BLE001  # one unreadable gauge must not fail the scrape
            _log.warning("gauge.unread", gauge=self.name, reason=type(error).__name__)


def read_all(readings: Sequence[GaugeReading]) -> None:
    """Read all gauges concurrently within READ_SECONDS."""
    for reading in readings:
        reading.begin()
    deadline = monotonic() + READ_SECONDS
    for reading in readings:
        reading.finish(deadline)
