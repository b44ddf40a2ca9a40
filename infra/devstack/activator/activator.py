"""Activator: buffers requests until their function is ready, and stops an idle function."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, Thread
from time import monotonic
from typing import Final, Generic, Protocol, TypeVar

import structlog

from infra.devstack.activator.scaling_state import Phase, ScalingAction, ScalingState
from risksentinel.errors import Retryable

_POLL_EVERY: Final = 0.1
_PROBE_EVERY: Final = 0.02
_NO_FAILURE: Final = "no process is ready"
_log = structlog.get_logger(__name__)


class Process(Protocol):
    """The running process of a function."""

    def ending(self) -> str | None:
        """Return how the process exited; None while it runs."""

    def is_ready(self) -> bool:
        """Return whether the process can answer requests."""

    def stop(self) -> None:
        """Stop the process after its current requests, and wait for its end."""


AnyProcess = TypeVar("AnyProcess", bound=Process)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds until an idle process stops, seconds a request waits, and how many may wait."""

    idle: float
    start_timeout: float
    max_buffered: int


class Activator(Generic[AnyProcess]):
    """One thread starts and stops the process; the request threads only wait for it."""

    def __init__(self, name: str, start: Callable[[], AnyProcess], limits: Limits) -> None:
        self.limits: Final = limits
        self._name, self._start = name, start
        self._state = ScalingState(limits.idle, limits.max_buffered)
        self._changed = Condition()
        self._process: AnyProcess | None = None  # that requests are sent to
        self._started: AnyProcess | None = None  # that must be stopped
        self._failure = _NO_FAILURE
        self._shutting_down = self._failed = False
        self._thread = Thread(target=self._live, name="activator", daemon=True)

    def begin(self) -> None:
        """Start the thread that starts processes."""
        self._thread.start()

    def shut_down(self) -> None:
        """Start no process, and reject buffered requests; requests in flight are finished."""
        with self._changed:
            self._shutting_down = True
            self._changed.notify_all()

    def close(self) -> None:
        """Shut down, and wait until the process has ended."""
        self.shut_down()
        self._thread.join()

    @property
    def failed(self) -> bool:
        """Whether the activator itself failed: it starts no process, and must be replaced."""
        return self._failed

    @property
    def buffered(self) -> int:
        """The number of buffered requests."""
        return self._state.buffered

    @contextmanager
    def ready_process(self, deadline: float) -> Iterator[AnyProcess]:
        """Yield the ready process; it is not stopped before the end of the block.

        Raises:
            Retryable: no process was ready at the deadline, or too many requests wait.
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
        while self._shutting_down or self._state.phase is not Phase.READY or self._process is None:
            left = deadline - monotonic()
            if left <= 0 or self._shutting_down:
                self._state.time_out()
                raise Retryable(f"{self._name} could not be started: {self._failure}")
            self._changed.wait(left)
        self._state.pass_on()
        return self._process

    def _live(self) -> None:
        try:
            while self._is_wanted():
                self._live_once()
        except Exception as error:  # noqa: BLE001 - without this, all requests would wait until their timeout
            _log.exception("activator.internal_error", function=self._name)
            self._break(type(error).__name__)

    def _live_once(self) -> None:
        try:
            process = self._started = self._start()
        except OSError as error:
            self._over(None, f"the command cannot be started: {error.strerror}")
            return
        failure = self._waking(process) or self._watched(process)
        self._over(process, failure)
        self._started = None

    def _break(self, reason: str) -> None:
        """Reject all requests, and stop the process, so that the next activator can start one."""
        with self._changed:
            self._process, self._failure = None, f"its activator failed: {reason}"
            self._shutting_down = self._failed = True
            self._changed.notify_all()
        if self._started is not None:
            with suppress(Exception):  # the log has the first failure, which is the cause
                self._started.stop()

    def _is_wanted(self) -> bool:
        """Wait until a request needs a process; return False after the shutdown."""
        with self._changed:
            while not self._shutting_down:
                if self._state.due(monotonic()) is ScalingAction.START:
                    self._state.started()
                    return True
                # Without a waiting request, only a new request changes the state.
                self._changed.wait(_POLL_EVERY if self._state.buffered else None)
        return False

    def _waking(self, process: AnyProcess) -> str | None:
        """Wait until the process is ready; return the reason if it does not become ready."""
        began = monotonic()
        while not process.is_ready():
            if (ending := process.ending()) is not None:
                return f"it {ending} before it was ready"
            if self._shutting_down:
                return "the activator shuts down"
            if monotonic() - began > self.limits.start_timeout:
                return f"it was not ready within {self.limits.start_timeout:g} s"
            self._nap(_PROBE_EVERY)
        with self._changed:
            self._process, self._failure = process, _NO_FAILURE
            self._state.ready(monotonic())
            self._changed.notify_all()
        _log.info("activator.ready", function=self._name, seconds=round(monotonic() - began, 3))
        return None

    def _watched(self, process: AnyProcess) -> str | None:
        """Wait until the process must stop; return how it exited if it exits by itself."""
        while (ending := process.ending()) is None:
            with self._changed:
                unused = not self._state.buffered and not self._state.under_way
                if self._state.due(monotonic()) is ScalingAction.STOP or (
                    self._shutting_down and unused
                ):
                    self._state.stopping()
                    return None
                self._changed.wait(min(_POLL_EVERY, self.limits.idle))
        return f"it {ending}"

    def _over(self, process: AnyProcess | None, failure: str | None) -> None:
        """Stop the process in any state; only after that another one may start."""
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
        _log.info("activator.stopped", function=self._name)

    def _nap(self, seconds: float) -> None:
        with self._changed:
            if not self._shutting_down:
                self._changed.wait(seconds)
