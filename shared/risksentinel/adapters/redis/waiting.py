"""Waiting for a server while it shows signs of life; this process's own pauses do not count."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BUSY_WITHIN: Final = 0.5  # seconds that a server that shows signs of life may take
_LOOKS: Final = 8  # how often somebody looks before a server counts as gone


@dataclass(slots=True)
class Pulse:
    """When a server last said anything, on whichever connection."""

    felt_at: float = 0.0
    missed_at: float = -1.0  # when somebody gave it up


@dataclass(frozen=True, slots=True)
class ResponseTimeouts:
    """Seconds without a sign of life after which a server counts as gone."""

    sound: float  # one that answered the last time
    failed: float  # one that did not

    def with_server(self, pulse: Pulse) -> float:
        """Which of them this server gets."""
        return self.sound if pulse.felt_at > pulse.missed_at else self.failed

    def after_failure(self) -> "ResponseTimeouts":
        """The one where everything counts as failed."""
        return ResponseTimeouts(self.failed, self.failed)


def wait_until(came: Callable[[float], bool], pulse: Pulse, patience: float, left: float) -> float:
    """Wait, up to 8 looks in a row that find neither what should come nor a sign of life.

    `came(seconds)` looks for that long at most. A look that finds nothing counts as what it was
    meant to take, not as what the clock says: the time in which this thread got neither a processor
    nor the interpreter is not the server's, and what came meanwhile is found at the next look.
    Answers what is left of `left`.

    Raises:
        TimeoutError: no sign of life for `patience` seconds, or nothing is left.
    """
    felt_at, looks, look = pulse.felt_at, 0, patience / _LOOKS
    while not came(look):
        left -= look
        looks += 1
        if pulse.felt_at != felt_at:
            felt_at, looks = pulse.felt_at, 0
        if looks >= _LOOKS or left <= 0:
            if came(0):
                break
            raise TimeoutError
    return left
