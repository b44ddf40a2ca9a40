"""The relay of a process: a thread that each commit wakes."""

from threading import Event as WakeUp
from threading import Thread
from time import sleep
from typing import Final, Protocol

import structlog

from risksentinel.errors import Unavailable
from risksentinel.usecases.relay_outbox import Relayed

SWEEP_SECONDS: Final = 1.0  # finds what a crash or another process left
RETRY_SECONDS: Final = 0.1  # while something waits for its next attempt
STOP_SECONDS: Final = 15.0
_LAST_PASSES: Final = 2  # what is at hand, and then what waited behind it
_log = structlog.get_logger(__name__)


class Relay(Protocol):
    """Where announcements are taken from, and whither."""

    @property
    def has_pending(self) -> bool:
        """Whether something waits for its next attempt, as far as the last pass saw."""

    def __call__(self) -> Relayed:
        """Make one pass. Raises Unavailable."""


class RelayThread:
    """Relays at each wake-up, sweeps between them, and stops on request.

    `gather` is how many seconds after a wake_up it waits for the commits of the same moment: one
    pass for all of them costs the database as much as one for each.
    """

    def __init__(self, relay: Relay, wake_up: WakeUp, gather: float) -> None:
        self._relay = relay
        self._wake_up = wake_up
        self._gather = gather
        self._stopping = False
        self._thread = Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Relay what is due now, then end; what is left stays in the outbox."""
        self._stopping = True
        self._wake_up.set()

    def join(self) -> None:
        """Wait for its end."""
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
        """Relay until nothing is due; answers whether to look again soon, not in a second."""
        while True:
            try:
                relayed = self._relay()
            except Unavailable as unavailable:
                _log.warning("relay.postponed", reason=str(unavailable))
                return False
            except Exception:  # noqa: BLE001  # the thread must outlive a bug: the outbox waits
                _log.exception("relay.failed")
                return False
            if not relayed.delivered or self._stopping:
                return self._relay.has_pending
