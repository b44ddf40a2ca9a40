"""Activator: requests wait here until their function is awake, and it sleeps when none comes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, Thread
from time import monotonic
from typing import Final, Generic, Protocol, TypeVar

import structlog

from infra.devstack.activator.scaling_state import Phase, ScalingAction, ScalingState
from risksentinel.errors import Retryable

_LOOK_EVERY: Final = 0.1
_ASK_EVERY: Final = 0.02
_NO_FAILURE: Final = "no process is ready"
_log = structlog.get_logger(__name__)


class Process(Protocol):
    """A function's process, started."""

    def ending(self) -> str | None:
        """How it ended; None while it lives."""

    def is_ready(self) -> bool:
        """Whether it can answer requests."""

    def stop(self) -> None:
        """Let it finish in order, and wait for its end."""


AnyProcess = TypeVar("AnyProcess", bound=Process)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a process rests before it goes, and how long how many requests wait for one."""

    idle: float
    start_timeout: float
    max_buffered: int


class Activator(Generic[AnyProcess]):
    """One thread starts and stops the process; those of the requests only wait for it."""

    def __init__(self, name: str, start: Callable[[], AnyProcess], limits: Limits) -> None:
        self.limits: Final = limits
        self._name, self._start = name, start
        self._state = ScalingState(limits.idle, limits.max_buffered)
        self._changed = Condition()
        self._process: AnyProcess | None = None  # that requests may pass to
        self._born: AnyProcess | None = None  # that is to be stopped
        self._failure = _NO_FAILURE
        self._leaving = self._broken = False
        self._thread = Thread(target=self._live, name="activator", daemon=True)

    def begin(self) -> None:
        """Start processes from now on."""
        self._thread.start()

    def leave(self) -> None:
        """Start none any more, and refuse who waits; what is under way is finished."""
        with self._changed:
            self._leaving = True
            self._changed.notify_all()

    def close(self) -> None:
        """Leave, and wait until there is no process."""
        self.leave()
        self._thread.join()

    @property
    def broken(self) -> bool:
        """Whether it failed itself: it starts none any more, and another one must."""
        return self._broken

    @property
    def held(self) -> int:
        """How many requests wait for a process."""
        return self._state.held

    @contextmanager
    def awake(self, deadline: float) -> Iterator[AnyProcess]:
        """The process, ready; it is not told to stop before the end of the block.

        Raises:
            Retryable: none was ready by then, or too many wait for one.
        """
        with self._changed:
            self._state.arrive()
            self._changed.notify_all()
            process = self._awaited(deadline)
        try:
            yield process
        finally:
            with self._changed:
                self._state.answered(monotonic())
                self._changed.notify_all()

    def _awaited(self, deadline: float) -> AnyProcess:
        while self._leaving or self._state.phase is not Phase.READY or self._process is None:
            left = deadline - monotonic()
            if left <= 0 or self._leaving:
                self._state.give_up()
                raise Retryable(f"{self._name} could not be woken: {self._failure}")
            self._changed.wait(left)
        self._state.pass_on()
        return self._process

    def _live(self) -> None:
        try:
            while self._is_wanted():
                self._live_once()
        except Exception as error:  # noqa: BLE001 - in silence, everybody would wait in vain
            _log.exception("activator.broken", function=self._name)
            self._break(type(error).__name__)

    def _live_once(self) -> None:
        try:
            process = self._born = self._start()
        except OSError as error:
            self._over(None, f"it cannot be started: {error.strerror}")
            return
        failure = self._waking(process) or self._watched(process)
        self._over(process, failure)
        self._born = None

    def _break(self, reason: str) -> None:
        """Refuse everybody, and leave no process to the next activator."""
        with self._changed:
            self._process, self._failure = None, f"its activator failed: {reason}"
            self._leaving = self._broken = True
            self._changed.notify_all()
        if self._born is not None:
            with suppress(Exception):  # the log has the first failure, and that is the one to mend
                self._born.stop()

    def _is_wanted(self) -> bool:
        """Wait until somebody needs a process; False where there shall be none any more."""
        with self._changed:
            while not self._leaving:
                if self._state.due(monotonic()) is ScalingAction.START:
                    self._state.started()
                    return True
                # Without anybody who waits, only an arrival changes something.
                self._changed.wait(_LOOK_EVERY if self._state.held else None)
        return False

    def _waking(self, process: AnyProcess) -> str | None:
        """Wait until it is ready; else why it is not."""
        began = monotonic()
        while not process.is_ready():
            if (ending := process.ending()) is not None:
                return f"it {ending} before it was ready"
            if self._leaving:
                return "it is needed no more"
            if monotonic() - began > self.limits.start_timeout:
                return f"it was not ready within {self.limits.start_timeout:g} s"
            self._nap(_ASK_EVERY)
        with self._changed:
            self._process, self._failure = process, _NO_FAILURE
            self._state.ready(monotonic())
            self._changed.notify_all()
        _log.info("activator.woken", function=self._name, seconds=round(monotonic() - began, 3))
        return None

    def _watched(self, process: AnyProcess) -> str | None:
        """Wait until it is to stop; else how it ended by itself."""
        while (ending := process.ending()) is None:
            with self._changed:
                nobody = not self._state.held and not self._state.under_way
                if self._state.due(monotonic()) is ScalingAction.STOP or (self._leaving and nobody):
                    self._state.stopping()
                    return None
                self._changed.wait(min(_LOOK_EVERY, self.limits.idle))
        return f"it {ending}"

    def _over(self, process: AnyProcess | None, failure: str | None) -> None:
        """Stop it, whatever it does; only then may there be another."""
        with self._changed:
            self._process = None
            if self._state.phase is not Phase.STOPPING:
                self._state.stopping()
        if failure:
            self._failure = failure
            _log.error("activator.failed", function=self._name, reason=failure)
        else:
            _log.info("activator.stopping", function=self._name)
        if process is not None:
            process.stop()
        with self._changed:
            self._state.ended(monotonic(), failed=failure is not None)
        _log.info("activator.asleep", function=self._name)

    def _nap(self, seconds: float) -> None:
        with self._changed:
            if not self._leaving:
                self._changed.wait(seconds)
