"""Supervises one process: starts it, and restarts it when it exits, until it is stopped."""

import time
from collections.abc import Callable
from threading import Event as Flag
from threading import Thread
from typing import Final, Protocol

from infra.devstack.servers.restartable_server import ServerFailed

MIN_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 10.0
LONG_LIFE: Final = 10.0  # seconds; a process that ran so long restarts after MIN_PAUSE
_POLL_EVERY: Final = 0.1


class Supervised(Protocol):
    """A server or a program that a supervisor starts and stops."""

    @property
    def name(self) -> str:
        """The name in the logs."""

    @property
    def pid(self) -> int | None:
        """The process id, or None when it does not run."""

    def start(self) -> None:
        """Start the process; may raise, and may wait until it answers."""

    def stop(self) -> None:
        """Stop the process after its current work."""


class Supervisor:
    """Starts, watches and stops one process in a thread of its own."""

    def __init__(
        self, supervised: Supervised, say: Callable[[str], None], changed: Callable[[], None]
    ) -> None:
        self.supervised: Final = supervised
        self.exits = 0
        self._say = say
        self._changed = changed
        self._leaving, self._tried = Flag(), Flag()
        self._failure: Exception | None = None
        self._thread = Thread(target=self._keep, name=supervised.name, daemon=True)

    def begin(self) -> None:
        """Start the process, and restart it when it exits."""
        self._thread.start()

    def await_start(self) -> None:
        """Wait for the first start; a failure of the first start is raised here and not retried."""
        self._tried.wait()
        if self._failure is not None:
            raise self._failure

    def ask_to_stop(self) -> None:
        """Request the stop, without waiting for it."""
        self._leaving.set()

    def join(self) -> None:
        """Wait until the process has stopped."""
        if self._thread.is_alive():
            self._thread.join()

    def _keep(self) -> None:
        pause = MIN_PAUSE
        while not self._leaving.is_set():
            began = time.monotonic()
            if not self._start():
                return
            self._watch()
            if self._leaving.is_set():
                break
            self.exits += 1
            lived_long = time.monotonic() - began > LONG_LIFE
            pause = MIN_PAUSE if lived_long else min(2 * pause, LONGEST_PAUSE)
            self._say(f"{self.supervised.name} exited; restarting in {pause:g} s")
            self._leaving.wait(pause)
        self.supervised.stop()
        self._changed()

    def _start(self) -> bool:
        """Return whether to continue: only a failure of the first start ends the supervision."""
        try:
            self.supervised.start()
        except Exception as failure:  # noqa: BLE001 - any failure of a restart is logged and retried
            if not self._tried.is_set():
                self._failure = failure
                self._tried.set()
                return False
            self._say(f"{self.supervised.name} could not be started: {failure}")
        self._tried.set()
        self._changed()
        return True

    def _watch(self) -> None:
        while self.supervised.pid is not None and not self._leaving.wait(_POLL_EVERY):
            pass


def raise_if_crash_looping(supervisor: Supervisor, max_exits: int = 3) -> None:
    """Check the number of exits.

    Raises:
        ServerFailed: the process exited `max_exits` times or more.
    """
    if supervisor.exits >= max_exits:
        raise ServerFailed(
            f"{supervisor.supervised.name} exited {supervisor.exits} times; its log is above"
        )
