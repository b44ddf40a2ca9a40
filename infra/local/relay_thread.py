"""The relay of the embedded engine: a thread that is woken by each commit."""

from collections.abc import Callable
from threading import Event, Thread
from time import sleep
from typing import Final

import structlog

from risksentinel.errors import Unavailable
from risksentinel.usecases.relay_outbox import Relayed

GATHER_SECONDS: Final = 0.05  # one pass for the commits of a moment, not one for each
SWEEP_SECONDS: Final = 1.0  # finds what a crash or another process left
RETRY_SECONDS: Final = 0.1  # while something waits for its next attempt
log = structlog.get_logger()


class RelayThread:
    """Relays when the bell rings and sweeps in between; stops when told to."""

    def __init__(self, relay: Callable[[], Relayed], bell: Event) -> None:
        self._relay = relay
        self._bell = bell
        self._stopping = False
        self._thread = Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the pass that is under way; what is left stays in the outbox."""
        self._stopping = True
        self._bell.set()
        self._thread.join(timeout=15)

    def _run(self) -> None:
        while not self._stopping:
            retrying = self._drain()
            if self._bell.wait(RETRY_SECONDS if retrying else SWEEP_SECONDS):
                sleep(GATHER_SECONDS)
            self._bell.clear()

    def _drain(self) -> bool:
        """Relay until nothing is due; answers whether something waits for another attempt."""
        retrying = False
        while not self._stopping:
            try:
                relayed = self._relay()
            except Unavailable as unavailable:
                log.warning("relay.postponed", reason=str(unavailable))
                return True
            except Exception:
                log.exception("relay.failed")
                return True
            retrying = retrying or relayed.postponed > 0
            if not relayed.delivered:
                break
        return retrying
