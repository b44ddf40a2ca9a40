"""The thread that publishes the outbox events of a process; each commit wakes the thread."""

from threading import Event as WakeUp
from threading import Thread
from time import sleep
from typing import Final, Protocol

import structlog

from risksentinel.errors import Unavailable
from risksentinel.usecases.relay_outbox import Relayed

SWEEP_SECONDS: Final = 1.0  # between two searches for events that a crash or another process left
RETRY_SECONDS: Final = 0.1  # while an event waits for its next attempt
STOP_SECONDS: Final = 15.0  # the longest wait for the last passes
_LAST_PASSES: Final = 2  # the queued events, then the later events of the same keys
_log = structlog.get_logger(__name__)


class Relay(Protocol):
    """Publishes pending outbox events; one call is one pass."""

    @property
    def has_pending(self) -> bool:
        """Whether an event waits for its next attempt, as of the last pass."""

    def __call__(self) -> Relayed:
        """Make one pass. Raises Unavailable if the database or the consumer does not answer."""


class RelayThread:
    """Makes a pass at each wake-up and every second, until it is asked to stop.

    `gather` is in seconds: the delay before each pass, so that one pass publishes the events of all
    commits of that time. One pass for all costs the database as much as a pass for one.
    """

    def __init__(self, relay: Relay, wake_up: WakeUp, gather: float) -> None:
        self._relay = relay
        self._wake_up = wake_up
        self._gather = gather
        self._stopping = False
        self._thread = Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Publish the events that are due, then end; other events stay in the outbox."""
        self._stopping = True
        self._wake_up.set()

    def join(self) -> None:
        """Wait until the thread has ended, STOP_SECONDS at most."""
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping:
            has_pending = self._drain()
            if self._wake_up.wait(RETRY_SECONDS if has_pending else SWEEP_SECONDS):
                sleep(self._gather)
            self._wake_up.clear()
        for _ in range(_LAST_PASSES):
            self._drain()

    def _drain(self) -> bool:
        """Publish until no event is due; returns whether the next pass is due in RETRY_SECONDS."""
        while True:
            try:
                relayed = self._relay()
            except Unavailable as unavailable:
                _log.warning("relay.postponed", reason=str(unavailable))
                return False
            except Exception:  # noqa: BLE001  # a bug must not end the thread: the events stay in the outbox
                _log.exception("relay.failed")
                return False
            if not relayed.delivered or self._stopping:
                return self._relay.has_pending
            sleep(self._gather)
