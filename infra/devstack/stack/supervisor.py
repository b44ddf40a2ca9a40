"""Supervises one process: starts it, and restarts it when it exits, until told to stop."""

import time
from collections.abc import Callable
from threading import Event as Flag
from threading import Thread
from typing import Final, Protocol

from infra.devstack.servers.restartable_server import ServerFailed

MIN_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 10.0
LONG_LIFE: Final = 10.0  # whoever lived so long is not failing again and again
_LOOK_EVERY: Final = 0.1


class Supervised(Protocol):
    """A server or a program."""

    @property
    def name(self) -> str:
        """What its lines in the logs begin with."""

    @property
    def pid(self) -> int | None:
        """Its process, while that lives."""

    def start(self) -> None:
        """Start it. May raise, and may wait until it answers."""

    def stop(self) -> None:
        """Let it finish in order."""


class Supervisor:
    """All that happens to one process happens in one thread."""

    def __init__(
        self, kept: Supervised, say: Callable[[str], None], changed: Callable[[], None]
    ) -> None:
        self.supervised: Final = kept
        self.exits = 0
        self._say = say
        self._changed = changed
        self._leaving, self._tried = Flag(), Flag()
        self._failure: Exception | None = None
        self._thread = Thread(target=self._keep, name=kept.name, daemon=True)

    def begin(self) -> None:
        """Start it, and keep it."""
        self._thread.start()

    def await_start(self) -> None:
        """Wait for the first start; one that fails is not tried again, but raised here."""
        self._tried.wait()
        if self._failure is not None:
            raise self._failure

    def ask_to_stop(self) -> None:
        """Stop it, soon."""
        self._leaving.set()

    def join(self) -> None:
        """Wait until it has stopped."""
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
            self._say(f"{self.supervised.name} ended; it is started anew in {pause:g} s")
            self._leaving.wait(pause)
        self.supervised.stop()
        self._changed()

    def _start(self) -> bool:
        """Whether there is something to keep; what starts anew may fail as often as it likes."""
        try:
            self.supervised.start()
        except Exception as failure:  # noqa: BLE001 - a supervisor outlives what it keeps
            if not self._tried.is_set():
                self._failure = failure
                self._tried.set()
                return False
            self._say(f"{self.supervised.name} could not be started: {failure}")
        self._tried.set()
        self._changed()
        return True

    def _watch(self) -> None:
        while self.supervised.pid is not None and not self._leaving.wait(_LOOK_EVERY):
            pass


def raise_if_crash_looping(supervisor: Supervisor, max_exits: int = 3) -> None:
    """Nothing, while there is hope for it.

    Raises:
        ServerFailed: it ends again and again.
    """
    if supervisor.exits >= max_exits:
        raise ServerFailed(
            f"{supervisor.supervised.name} ended {supervisor.exits} times; see above what it said"
        )
