"""The version in shadow, and the thread that lets it decide beside the requests of a process."""

from collections.abc import Sequence
from threading import Event, Lock, Thread
from time import perf_counter
from typing import Final

import structlog

from risksentinel.assembly.container import Container, built_once
from risksentinel.assembly.ledger import ledger
from risksentinel.assembly.model import model
from risksentinel.assembly.named_lists import list_book
from risksentinel.assembly.rules import rule_book
from risksentinel.ports.shadow import Offered
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.score_in_shadow import MAX_AT_ONCE, ScoreInShadow

INTERVAL_SECONDS: Final = 0.5  # a commit for each payment would cost the requests time
STOP_SECONDS: Final = 5.0
_log = structlog.get_logger(__name__)


class ShadowThread:
    """Meets `ports.Shadow`: starts its thread with the first payment.

    Python runs one thread at a time: after each decision the thread sleeps as long as the decision
    took, so that requests do not wait for more than one.
    """

    def __init__(self, score: ScoreInShadow) -> None:
        self._score = score
        self._stop, self._lock = Event(), Lock()
        self._thread: Thread | None = None

    def is_on(self) -> bool:
        """Whether a version is in shadow."""
        return self._score.is_on()

    def offer(self, decided: Sequence[Offered], *, never_late: bool = False) -> None:
        """Take payments, or drop and count them."""
        self._score.offer(decided, never_late=never_late)
        if self._thread is None:
            self._start()

    def close(self) -> None:
        """Decide the payments that wait, for STOP_SECONDS at most; drop the others."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
        self._score.drop()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = Thread(target=self._run, name="shadow", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            if self._pass() < MAX_AT_ONCE:
                self._stop.wait(INTERVAL_SECONDS)
        while self._pass():
            pass

    def _pass(self) -> int:
        since = perf_counter()

        def pause() -> None:
            nonlocal since
            self._stop.wait(perf_counter() - since)
            since = perf_counter()

        try:
            return self._score.pass_once(pause)
        except Exception:  # noqa: BLE001  # a bug must not end the thread
            _log.exception("shadow.failed")
            return 0


@built_once
def shadow(container: Container) -> ShadowThread:
    """The version in shadow, for every use case of this process that scores."""
    thread = ShadowThread(
        ScoreInShadow(
            rule_book(container),
            list_book(container),
            model(container),
            ledger(container),
            FunctionMetrics("shadow"),
        )
    )
    container.on_close(thread.close)
    return thread
