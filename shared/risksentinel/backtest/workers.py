"""run_sides: a process for each policy, at most so many at once; the parent shows the progress."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from risksentinel.assembly.container import Container
from risksentinel.assembly.garbage_collection import collect_rarely
from risksentinel.backtest.deciders import decider
from risksentinel.backtest.inputs import Inputs
from risksentinel.backtest.segments import Segments
from risksentinel.backtest.side import decide_all
from risksentinel.backtest.sources import Opened
from risksentinel.errors import Rejected, RiskSentinelError
from risksentinel.logs import configure
from risksentinel.settings import Settings

_LOCK_SECONDS: Final = 30.0  # a worker of a killed command ends with its next window
Moved = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """One side to decide, in a process of its own."""

    inputs: Inputs
    folder: Path
    side: str

    @property
    def segments(self) -> Segments:
        """The checkpoint of the side."""
        return Segments(self.folder / self.side)


def run_sides(tasks: Sequence[Task], most: int, moved: Moved) -> None:
    """Decide all sides that are not decided yet.

    Raises:
        Rejected: a worker was refused, or ended without a result.
    """
    waiting = [each for each in tasks if not each.segments.is_whole]
    running: dict[Connection, tuple[SpawnProcess, Task]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < most:
                task = waiting.pop(0)
                connection, process = _started(task)
                running[connection] = process, task
            for ready in wait(list(running)):
                process, task = running[ready]  # type: ignore[index] # these are connections
                if not _took(ready, task, moved):
                    del running[ready]  # type: ignore[arg-type] # these are connections
                    process.join()
    finally:
        for connection, (process, _) in running.items():
            process.terminate()
            process.join()
            connection.close()


def _started(task: Task) -> tuple[Connection, SpawnProcess]:
    context = get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(task, sending), daemon=True)
    process.start()
    sending.close()
    return receiving, process


def _took(ready: object, task: Task, moved: Moved) -> bool:
    """Take one message; answer whether the worker goes on."""
    if not isinstance(ready, Connection):
        raise TypeError(f"{type(ready).__name__} is no connection of a worker")
    try:
        said = ready.recv()
    except EOFError:
        ready.close()
        if not task.segments.is_whole:
            raise Rejected(
                f"the process of the {task.side} policy ended: see its error above, and run the "
                "same command again"
            ) from None
        return False
    if isinstance(said, str):
        raise Rejected(said)
    moved(task.side, said)
    return True


def _work(task: Task, sending: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    settings = Settings.read()
    configure(settings.log_level, stream="stderr")
    collect_rarely()
    with suppress(BrokenPipeError):
        try:
            with _locked(task.segments.folder), closing(Container(settings)) as container:
                decide_side(task, container, sending.send)
        except RiskSentinelError as error:
            sending.send(str(error))
        except BrokenPipeError:
            sys.exit(1)  # the parent was killed


def decide_side(task: Task, container: Container, moved: Callable[[int], None]) -> None:
    """Decide one side in this process, from its checkpoint on."""
    events = Opened(container, task.inputs, task.folder).source().events()
    decide_all(events, decider(container, task.inputs, task.side), task.segments, moved)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with FileLock(folder / "lock", timeout=_LOCK_SECONDS):
            yield
    except Timeout:
        raise Rejected(f"another backtest is running in {folder.parent.parent}") from None
