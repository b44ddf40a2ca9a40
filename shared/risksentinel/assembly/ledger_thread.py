"""The thread that chains the entries of the ledger, beside the requests of a process."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Final

import structlog

from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_log import anchor_ledger, chain_entries, ledger_log
from risksentinel.domain.ledger_entry import Head
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.telemetry.metrics import FunctionMetrics

INTERVAL_SECONDS: Final = 1.0
STOP_SECONDS: Final = 15.0
_PASSES_BETWEEN_ANCHORS: Final = 60  # searches for an anchor that is due: once a minute
_log = structlog.get_logger(__name__)


class LedgerThread:
    """Chains new entries every second, and anchors the head every hour."""

    def __init__(self, chain: Callable[[], int], anchor: Callable[[], Head | None]) -> None:
        self._chain, self._anchor = chain, anchor
        self._stop = Event()
        self._thread = Thread(target=self._run, name="ledger", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Chain what is committed, then end."""
        self._stop.set()

    def join(self) -> None:
        """Wait until the thread has ended, STOP_SECONDS at most."""
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        passes = 0
        while not self._stop.wait(INTERVAL_SECONDS):
            self._safely("chain", self._drain)
            passes += 1
            if passes % _PASSES_BETWEEN_ANCHORS == 1:
                self._safely("anchor", self._anchor)
        self._safely("chain", self._drain)

    def _drain(self) -> None:
        while self._chain():
            pass

    def _safely(self, name: str, act: Callable[[], object]) -> None:
        try:
            act()
        except (Unavailable, Misconfigured) as error:
            _log.warning(f"ledger.{name}_postponed", reason=str(error))
        except Exception:  # noqa: BLE001  # a bug must not end the thread: the entries stay
            _log.exception(f"ledger.{name}_failed")


def ledger_thread(container: Container, name: str) -> LedgerThread:
    """The thread of the function `name`, not started; its lag is a metric."""
    metrics = FunctionMetrics(name)
    metrics.watch_ledger(ledger_log(container).lag, container.clock)
    container.on_close(metrics.unwatch)
    return LedgerThread(chain_entries(container), lambda: anchor_ledger(container).if_due())
