"""Context of the use cases: clock, ids, wake-up, traces, and metrics."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

Clock = Callable[[], datetime]  # the time now, in UTC
NewId = Callable[[], str]  # a fresh UUIDv7
TraceContexts = Mapping[str, str]  # traceparent of the request of each payment, by transaction id


class Meter(Protocol):
    """Counters and timers of the use cases."""

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Measure the duration of a stage."""

    def decision(self, decision: str) -> None: ...

    def shadowed(self, outcome: str, count: int = 1) -> None:
        """Count decisions of the version in shadow: same, different, dropped or failed."""

    def silent(self, signal: str) -> None: ...
