"""ScalingState: the phase of a function's process, and the next action.

It has no thread, process or clock; those belong to the activator.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from risksentinel.errors import Retryable

MIN_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0


class Phase(StrEnum):
    """The phase of the process."""

    IDLE = "idle"  # no process
    STARTING = "starting"  # started, and not ready yet
    READY = "ready"  # requests are forwarded
    STOPPING = "stopping"  # no request is forwarded


class ScalingAction(StrEnum):
    """What to do with the process now."""

    START = "start"
    STOP = "stop"


class UnexpectedEvent(RuntimeError):
    """The reported event is impossible in this phase: a bug of the caller."""


@dataclass(slots=True)
class ScalingState:
    """The caller reports events and asks for the next action; times are seconds of one clock."""

    idle: float  # seconds without a request until the process stops
    max_buffered: int
    phase: Phase = field(default=Phase.IDLE, init=False)
    buffered: int = field(default=0, init=False)
    under_way: int = field(default=0, init=False)
    _used_at: float = field(default=0.0, init=False)
    _failures: int = field(default=0, init=False)
    _not_before: float = field(default=float("-inf"), init=False)

    def arrive(self) -> None:
        """Buffer one more request. Raises Retryable if too many are buffered."""
        if self.buffered >= self.max_buffered:
            raise Retryable(f"{self.buffered} requests wait already for the function to start")
        self.buffered += 1

    def time_out(self) -> None:
        """Remove one buffered request, which timed out."""
        self.buffered -= 1

    def pass_on(self) -> None:
        """Forward one buffered request to the process."""
        self._only_in(Phase.READY)
        self.buffered -= 1
        self.under_way += 1

    def answered(self, now: float) -> None:
        """Finish one forwarded request, successful or not."""
        self.under_way -= 1
        self._used_at = now

    def due(self, now: float) -> ScalingAction | None:
        """Return what to do with the process, if anything."""
        if self.phase is Phase.IDLE and self.buffered and now >= self._not_before:
            return ScalingAction.START
        at_rest = not self.buffered and not self.under_way and now - self._used_at >= self.idle
        return ScalingAction.STOP if self.phase is Phase.READY and at_rest else None

    def started(self) -> None:
        """Report that the process was started."""
        self._only_in(Phase.IDLE)
        self.phase = Phase.STARTING

    def ready(self, now: float) -> None:
        """Report that the process is ready: buffered requests can be forwarded."""
        self._only_in(Phase.STARTING)
        self.phase = Phase.READY
        self._used_at, self._failures = now, 0

    def stopping(self) -> None:
        """Report that the process is being stopped: no request is forwarded."""
        self._only_in(Phase.STARTING, Phase.READY)
        self.phase = Phase.STOPPING

    def ended(self, now: float, *, failed: bool) -> None:
        """Report the end of the process; each failure in a row doubles the next pause."""
        self._only_in(Phase.STOPPING)
        self.phase = Phase.IDLE
        if failed:
            self._not_before = now + min(MIN_PAUSE * 2**self._failures, LONGEST_PAUSE)
            self._failures += 1

    def _only_in(self, *phases: Phase) -> None:
        if self.phase not in phases:
            raise UnexpectedEvent(f"the process is {self.phase}, not {' or '.join(phases)}")
