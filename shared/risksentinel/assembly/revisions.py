"""The thread that looks again at payments that were decided without a source."""

from datetime import timedelta
from threading import Event, Lock, Thread
from time import perf_counter
from typing import Final

import structlog

from risksentinel.adapters.sql.revision_records import SqlRevisions
from risksentinel.adapters.sql.snapshots_before import SqlSnapshotsBefore
from risksentinel.assembly.container import Container
from risksentinel.assembly.history import REMEMBERED
from risksentinel.assembly.ledger import ledger
from risksentinel.errors import Unavailable
from risksentinel.ports.history import CatchingUp
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.revise_decisions import SETTLED, Looked, ReviseDecisions

AGAIN_SECONDS: Final = 2.0  # between two looks while payments wait for a source; then doubled
MAX_AGAIN_SECONDS: Final = 60.0
STOP_SECONDS: Final = 5.0
_log = structlog.get_logger(__name__)


class RevisionThread:
    """Meets `ports.Reviser`: looks once for payments of earlier processes, then when told to.

    While no payment waits, it makes no statement. After a pass it sleeps as long as the pass took,
    so that requests get the processor; while no source is back, it looks at a few payments at a
    time, whatever waits.
    """

    def __init__(self, revise: ReviseDecisions) -> None:
        self._revise = revise
        self._wanted, self._stop, self._lock = Event(), Event(), Lock()
        self._thread: Thread | None = None
        self._took = 0.0  # seconds, of the last pass

    def scored(self, *, incomplete: bool) -> None:
        """Take notice that payments were stored, and whether a source was absent for any."""
        if incomplete:
            self._wanted.set()
        if self._thread is None:
            self._start()

    def close(self) -> None:
        """End the thread; what waits is looked at by another process."""
        self._stop.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = Thread(target=self._run, name="revisions", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        self._wanted.set()
        while not self._stop.is_set():
            self._wanted.wait()
            self._wanted.clear()
            self._stop.wait(SETTLED.total_seconds())
            pause = AGAIN_SECONDS
            while not self._stop.is_set() and (looked := self._look()).read:
                self._stop.wait(self._took if looked.settled else pause)
                pause = AGAIN_SECONDS if looked.settled else min(2 * pause, MAX_AGAIN_SECONDS)

    def _look(self) -> Looked:
        """One pass; after an error as if payments wait and none is settled."""
        began = perf_counter()
        try:
            return self._revise.pass_once()
        except Unavailable as error:
            _log.warning("revisions.waiting", why=str(error))
        except Exception:  # noqa: BLE001  # a bug must not end the thread
            _log.exception("revisions.failed")
        finally:
            self._took = perf_counter() - began
        return Looked(read=1, settled=0)


def revisions(container: Container, scoring: Scoring, history: CatchingUp) -> RevisionThread:
    """The thread of a use case that scores."""
    window = timedelta(seconds=container.settings.velocity_window_seconds)
    thread = RevisionThread(
        ReviseDecisions(
            scoring,
            history,
            SqlRevisions(container.engine),
            SqlSnapshotsBefore(container.engine, window, REMEMBERED),
            ledger(container),
            container.clock,
            container.new_id,
        )
    )
    container.on_close(thread.close)
    return thread
