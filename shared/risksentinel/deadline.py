"""The deadline of the payment that this thread decides, and how long each source may take.

Each step of a decision ends at a share of the deadline, counted from the first byte of the request.
A step that begins late still has a small share of its own, so that one slow source does not make
all others late. The shares leave time for a second batch: concurrent requests are scored one batch
after the other, so a request may wait for a source twice.

As in gRPC, a deadline belongs to the thread: whatever waits for a server asks `left`, and no
signature has to pass it on. Without a deadline only the usual timeouts apply.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from time import monotonic
from typing import Final

_SHORTEST: Final = 0.001  # seconds: no wait at all would look like a server that is down


class Step(Enum):
    """A step: the share of the deadline at which it ends, and its least share."""

    HISTORY = (0.3, 0.06)
    RULES = (0.4, 0.04)  # and lists
    MODEL = (0.6, 0.06)
    WITHHOLD = (0.7, 0.04)
    DATABASE = (0.88, 0.0)  # every other wait; what is not stored then is not decided
    QUEUE = (0.98, 0.0)  # the broker takes what the database does not


@dataclass(frozen=True, slots=True)
class _Deadline:
    began: float  # monotonic seconds
    seconds: float

    def end_of(self, step: Step) -> float:
        share, least = step.value
        end = self.began + share * self.seconds
        return max(end, monotonic() + least * self.seconds) if least else end


_deadline: Final[ContextVar[_Deadline | None]] = ContextVar("deadline", default=None)
_end: Final[ContextVar[float | None]] = ContextVar("end of the step", default=None)


@contextmanager
def decide_by(began: float, seconds: float) -> Iterator[None]:
    """Set the deadline of the block, `seconds` after `began`, which is a time of `monotonic`."""
    deadline = _Deadline(began, seconds)
    before, end = _deadline.set(deadline), _end.set(deadline.end_of(Step.DATABASE))
    try:
        yield
    finally:
        _end.reset(end)
        _deadline.reset(before)


@contextmanager
def within(step: Step) -> Iterator[None]:
    """Let the waits of the block end with the step, where this thread has a deadline."""
    deadline = _deadline.get()
    if deadline is None:
        yield
        return
    end = _end.set(deadline.end_of(step))
    try:
        yield
    finally:
        _end.reset(end)


def left(most: float) -> float:
    """The seconds that a wait may take now: `most`, or less if the step ends before."""
    end = _end.get()
    return most if end is None else max(_SHORTEST, min(most, end - monotonic()))


def has_passed() -> bool:
    """Whether the step of this thread has ended; False without a deadline."""
    end = _end.get()
    return end is not None and monotonic() >= end


def is_set() -> bool:
    """Whether this thread has a deadline."""
    return _end.get() is not None
