"""StartupTimes: the duration of each step of the start of this process, for one log line."""

from collections.abc import Callable
from os import sysconf
from pathlib import Path
from time import monotonic
from typing import Final

_STAT: Final = Path("/proc/self/stat")
_UPTIME: Final = Path("/proc/uptime")
_START_TIME: Final = 19  # index of the start time among the fields after the name


class StartupTimes:
    """Measures each step from the end of the previous step, the first from `began`."""

    def __init__(self, began: float, clock: Callable[[], float] = monotonic) -> None:
        self._last = began
        self._clock = clock
        self._steps: dict[str, float] = {}

    def passed(self, step: str) -> None:
        """Record the end of a step; a repeated step is ignored."""
        if step not in self._steps:
            now = self._clock()
            self._steps[step] = now - self._last
            self._last = now

    @property
    def milliseconds(self) -> dict[str, int]:
        """The durations of the steps so far, in milliseconds."""
        return {step: round(seconds * 1000) for step, seconds in self._steps.items()}


def began() -> float:
    """The start of this process on the monotonic clock; the present where /proc is missing."""
    if not _STAT.exists():
        return monotonic()
    ticks = int(_STAT.read_text().rpartition(")")[2].split()[_START_TIME])
    age = float(_UPTIME.read_text().split()[0]) - ticks / sysconf("SC_CLK_TCK")
    return monotonic() - age


this_process: Final = StartupTimes(began())
