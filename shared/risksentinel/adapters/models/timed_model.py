"""TimedModel: a payment with a deadline does not wait for a model that takes too long."""

from collections.abc import Sequence
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final, Protocol

import structlog

from risksentinel import deadline
from risksentinel.domain.signal import Absence, Opinion, Silent
from risksentinel.scoring.facts import Facts

SHORT_SECONDS: Final = 0.02
MAX_THREADS: Final = 4  # each with one run of the model that has not ended
_ANY_TIME: Final = 60.0  # seconds; a deadline is shorter
MODEL_LATE: Final = Silent("the model did not answer in time", absence=Absence.LATE)
MODEL_MISSING: Final = Silent("the model does not answer", absence=Absence.MISSING)
_log: Final = structlog.get_logger()


class _Model(Protocol):
    def risks(self, batch: Sequence[Facts], choice: str) -> list[Opinion]:
        """One opinion for each payment, in order."""


class TimedModel:
    """Meets `ports.FraudModel`: runs the model in its own threads where there is a deadline.

    Python cannot stop a run that takes too long: its thread takes no other until it ends. Until
    then other payments wait for SHORT_SECONDS at most.
    """

    def __init__(self, model: _Model) -> None:
        self._model = model
        self._lock = Lock()
        self._idle: list[_Runner] = []
        self._stuck: set[_Runner] = set()
        self._running = 0

    def risks(self, batch: Sequence[Facts], choice: str) -> list[Opinion]:
        """One opinion for each payment, in order; Silent where the model takes too long."""
        if not deadline.is_set():
            return self._model.risks(batch, choice)
        runner = self._free_runner()
        if runner is None:
            return [MODEL_MISSING] * len(batch)
        answers = runner.run(
            batch, choice, deadline.left(SHORT_SECONDS if self._stuck else _ANY_TIME)
        )
        if answers is None:
            self._keep_stuck(runner)
            _log.warning("model.late", payments=len(batch))
            return [MODEL_LATE] * len(batch)
        return answers

    def close(self) -> None:
        """End the threads that wait for work."""
        with self._lock:
            idle, self._idle = self._idle, []
        for runner in idle:
            runner.stop()

    def _free_runner(self) -> "_Runner | None":
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._running == MAX_THREADS:
                return None
            self._running += 1
        return _Runner(self._model, self._ended)

    def _keep_stuck(self, runner: "_Runner") -> None:
        with self._lock:
            if runner not in self._idle:  # else it ended just now
                self._stuck.add(runner)

    def _ended(self, runner: "_Runner") -> None:
        with self._lock:
            self._stuck.discard(runner)
            self._idle.append(runner)


class _Run:
    """One run of the model; `done` is released at its end."""

    __slots__ = ("answers", "batch", "choice", "done")

    def __init__(self, batch: Sequence[Facts], choice: str) -> None:
        self.batch, self.choice = batch, choice
        self.answers: list[Opinion] | None = None
        self.done = Lock()
        self.done.acquire()


class _Runner:
    """A thread that runs the model for one caller at a time."""

    def __init__(self, model: _Model, ended: "_Ended") -> None:
        self._model, self._ended = model, ended
        self._work: SimpleQueue[_Run | None] = SimpleQueue()
        Thread(target=self._serve, name="model-run", daemon=True).start()

    def run(self, batch: Sequence[Facts], choice: str, seconds: float) -> list[Opinion] | None:
        """The opinions, or None where the run takes longer."""
        mine = _Run(batch, choice)
        self._work.put(mine)
        return mine.answers if mine.done.acquire(timeout=seconds) else None

    def stop(self) -> None:
        """End the thread."""
        self._work.put(None)

    def _serve(self) -> None:
        while (run := self._work.get()) is not None:
            try:
                run.answers = self._model.risks(run.batch, run.choice)
            except Exception:  # noqa: BLE001 - whatever a model does, payments go on
                _log.exception("model.failed")
                run.answers = [MODEL_MISSING] * len(run.batch)
            self._ended(self)
            run.done.release()


class _Ended(Protocol):
    def __call__(self, runner: _Runner) -> None: ...
