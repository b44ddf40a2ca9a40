"""The thread that chains the entries of the ledger, beside the requests of a process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Final, TypeVar

import structlog

from risksentinel.adapters.sql.entry_wake_up import wake_up_of
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_log import anchor_ledger, chain_entries, ledger_log
from risksentinel.domain.ledger_entry import Head
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.ports.environment import Clock
from risksentinel.telemetry.metrics import FunctionMetrics

STOP_SECONDS: Final = 15.0
ANCHOR_CHECK: Final = timedelta(minutes=1)  # between two searches for an anchor that is due
_log = structlog.get_logger(__name__)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that the thread waits."""

    gather: float = 1.0  # after a wake-up: one pass chains the entries of all commits of that time
    retry: float = 1.0  # after a pass that failed, or left entries
    poll: float = 30.0  # without a wake-up: for entries of processes that ended before their pass


@dataclass(frozen=True, slots=True)
class Work:
    """The acts of the thread; each raises Unavailable or Misconfigured."""

    chain: Callable[[], int]  # the number of entries that it chained
    is_behind: Callable[[], bool]  # whether committed entries have no leaf yet
    anchor: Callable[[], Head | None]  # the head, if an anchor was due


class LedgerThread:
    """Chains new entries within some seconds of their commit, and anchors the head every hour.

    A commit of this process wakes it; a process without commits does nothing but a rare poll.
    """

    def __init__(self, work: Work, wake_up: Event, clock: Clock, timing: Timing = Timing()) -> None:
        self._work, self._wake_up, self._clock, self._timing = work, wake_up, clock, timing
        self._anchor_checked: datetime | None = None
        self._stop = Event()
        self._thread = Thread(target=self._run, name="ledger", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Chain what is committed, then end."""
        self._stop.set()
        self._wake_up.set()

    def join(self) -> None:
        """Wait until the thread has ended, STOP_SECONDS at most."""
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            is_behind = self._safely("chain", self._drain, otherwise=True)
            self._anchor_if_due()
            if self._wake_up.wait(self._timing.retry if is_behind else self._timing.poll):
                self._stop.wait(self._timing.gather)
            self._wake_up.clear()  # before the pass, so that a commit during the pass is not lost
        self._safely("chain", self._drain, otherwise=True)

    def _drain(self) -> bool:
        """Chain all entries that can be chained; answers whether some are left.

        An entry is left while an earlier transaction is open, or another process chains.
        """
        while self._work.chain():
            pass
        return self._work.is_behind()

    def _anchor_if_due(self) -> None:
        now, last = self._clock(), self._anchor_checked
        if last is None or now - last >= ANCHOR_CHECK:
            self._anchor_checked = now
            self._safely("anchor", self._work.anchor, otherwise=None)

    def _safely(self, name: str, act: Callable[[], _Answer], *, otherwise: _Answer) -> _Answer:
        try:
            return act()
        except (Unavailable, Misconfigured) as error:
            _log.warning(f"ledger.{name}_postponed", reason=str(error))
        except Exception:  # noqa: BLE001  # a bug must not end the thread: the entries stay
            _log.exception(f"ledger.{name}_failed")
        return otherwise


def ledger_thread(container: Container, name: str, timing: Timing = Timing()) -> LedgerThread:
    """The thread of the function `name`, not started; its lag is a metric."""
    log, metrics = ledger_log(container), FunctionMetrics(name)
    metrics.watch_ledger(log.lag, container.clock)
    container.on_close(metrics.unwatch)
    work = Work(
        chain_entries(container),
        lambda: log.lag() is not None,
        lambda: anchor_ledger(container).if_due(),
    )
    return LedgerThread(work, wake_up_of(container.engine), container.clock, timing)
