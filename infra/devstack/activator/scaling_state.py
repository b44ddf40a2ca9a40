"""ScalingState: whether a function sleeps or is awake, and what is to be done about it.

It holds no thread, no process and no clock; those are the activator's.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from risksentinel.errors import Retryable

MIN_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0


class Phase(StrEnum):
    """What there is of the process."""

    IDLE = "idle"  # nothing
    STARTING = "starting"  # started, and not ready yet
    READY = "ready"  # requests pass
    STOPPING = "stopping"  # told to stop: nothing passes any more


class ScalingAction(StrEnum):
    """What is to be done now."""

    START = "start"
    STOP = "stop"


class OutOfTurn(RuntimeError):
    """What was reported cannot have happened: a bug of who reports it."""


@dataclass(slots=True)
class ScalingState:
    """Who reports what happens to it learns what to do; times are seconds of any one clock."""

    idle: float  # seconds without a request after which the process goes
    max_buffered: int
    phase: Phase = field(default=Phase.IDLE, init=False)
    held: int = field(default=0, init=False)
    under_way: int = field(default=0, init=False)
    _used_at: float = field(default=0.0, init=False)
    _failures: int = field(default=0, init=False)
    _not_before: float = field(default=float("-inf"), init=False)

    def arrive(self) -> None:
        """Hold one request more. Raises Retryable where there are too many."""
        if self.held >= self.max_buffered:
            raise Retryable(f"{self.held} requests wait already for the function to wake")
        self.held += 1

    def give_up(self) -> None:
        """One that was held waits no longer."""
        self.held -= 1

    def pass_on(self) -> None:
        """One that was held goes to the process."""
        self._only_in(Phase.READY)
        self.held -= 1
        self.under_way += 1

    def answered(self, now: float) -> None:
        """One that had passed is done with, for better or worse."""
        self.under_way -= 1
        self._used_at = now

    def due(self, now: float) -> ScalingAction | None:
        """What to do with the process."""
        if self.phase is Phase.IDLE and self.held and now >= self._not_before:
            return ScalingAction.START
        at_rest = not self.held and not self.under_way and now - self._used_at >= self.idle
        return ScalingAction.STOP if self.phase is Phase.READY and at_rest else None

    def started(self) -> None:
        """There is a process."""
        self._only_in(Phase.IDLE)
        self.phase = Phase.STARTING

    def ready(self, now: float) -> None:
        """It answers: whoever is held may pass."""
        self._only_in(Phase.STARTING)
        self.phase = Phase.READY
        self._used_at, self._failures = now, 0

    def stopping(self) -> None:
        """From now on nothing passes."""
        self._only_in(Phase.STARTING, Phase.READY)
        self.phase = Phase.STOPPING

    def ended(self, now: float, *, failed: bool) -> None:
        """There is no process; after a failure the next one waits, longer each time."""
        self._only_in(Phase.STOPPING)
        self.phase = Phase.IDLE
        if failed:
            self._not_before = now + min(MIN_PAUSE * 2**self._failures, LONGEST_PAUSE)
            self._failures += 1

    def _only_in(self, *phases: Phase) -> None:
        if self.phase not in phases:
            raise OutOfTurn(f"it is {self.phase}, not {' or '.join(phases)}")
