"""How long this process took to wake, step by step: what is told once, when it can work."""

from collections.abc import Callable
from os import sysconf
from pathlib import Path
from time import monotonic
from typing import Final

_STAT: Final = Path("/proc/self/stat")
_UPTIME: Final = Path("/proc/uptime")
_STARTED: Final = 19  # of the fields that follow the name, when the process started


class StartupTimes:
    """The seconds of each step: from the end of the one before it, or from the beginning."""

    def __init__(self, began: float, clock: Callable[[], float] = monotonic) -> None:
        self._last = began
        self._clock = clock
        self._steps: dict[str, float] = {}

    def passed(self, step: str) -> None:
        """This step is done; done again, it counts no more."""
        if step not in self._steps:
            now = self._clock()
            self._steps[step] = now - self._last
            self._last = now

    @property
    def milliseconds(self) -> dict[str, int]:
        """The steps so far, for a log."""
        return {step: round(seconds * 1000) for step, seconds in self._steps.items()}


def began() -> float:
    """When this process started, as the monotonic clock would have said; now, where none knows."""
    if not _STAT.exists():
        return monotonic()
    ticks = int(_STAT.read_text().rpartition(")")[2].split()[_STARTED])
    age = float(_UPTIME.read_text().split()[0]) - ticks / sysconf("SC_CLK_TCK")
    return monotonic() - age


this_process: Final = StartupTimes(began())
