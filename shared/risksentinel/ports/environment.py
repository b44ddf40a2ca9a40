"""What every use case is given of the world around it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

Clock = Callable[[], datetime]  # the time now, in UTC
NewId = Callable[[], str]  # a fresh UUIDv7
WakeUp = Callable[[], None]  # rung after a commit that left announcements in the outbox
TraceContexts = Mapping[str, str]  # traceparents of those who brought payments, by transaction id


class Meter(Protocol):
    """What is counted and timed while the work goes on."""

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Time a stage of the work."""

    def decision(self, decision: str) -> None: ...

    def silent(self, signal: str) -> None: ...
