"""ComparingProcesses: a long ledger is compared in several processes, on one snapshot."""

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final

from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.entry_tags import with_tags
from risksentinel.adapters.sql.ledger_scan import scan_ledger, shared, without_writers
from risksentinel.assembly.container import Container
from risksentinel.assembly.garbage_collection import collect_rarely, rare_collections
from risksentinel.assembly.ledger_key import key_of
from risksentinel.errors import Unavailable
from risksentinel.ports.ledger_scan import LedgerScan
from risksentinel.settings import Settings
from risksentinel.usecases.compare_entries import Compared, CompareEntries, Exceptions
from risksentinel.usecases.verify_ledger import Range

MAX_PROCESSES: Final = 4
WORTH_PROCESSES: Final = 50_000  # entries; a process takes a second to start
STOP_SECONDS: Final = 5.0
_AHEAD: Final = 2  # ranges that a process has: the next one waits while it works


def processes_for(entries: int) -> int:
    """The number of processes for a ledger; 0 where this process is enough."""
    processors = os.cpu_count() or 1
    return min(MAX_PROCESSES, processors) if entries >= WORTH_PROCESSES and processors > 1 else 0


@dataclass(slots=True)
class ComparingProcesses:
    """Meets `OpensScan`, and its `compare` meets `ComparesRanges` for the opened scan."""

    container: Container
    count: int
    _pipes: Sequence[Connection] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator[LedgerScan]:
        """Start the processes and open the same snapshot in each; they end with the block."""
        engine = self.container.engine
        with ExitStack() as stack, rare_collections():
            self._pipes = [
                stack.enter_context(_started(self.container.settings)) for _ in range(self.count)
            ]
            for pipe in self._pipes:
                _received(pipe)
            with without_writers(engine):
                scan = stack.enter_context(scan_ledger(engine))
                self._tell_all(shared(scan))
                for pipe in self._pipes:
                    _received(pipe)
            yield scan

    def compare(
        self, _scan: LedgerScan, exceptions: Exceptions, ranges: Iterable[Range]
    ) -> Iterator[Compared]:
        """Compare each range in one of the processes; yields the results in order.

        Raises:
            Unavailable: a process ended.
        """
        self._tell_all(exceptions)
        busy = deque[Connection]()
        for number, each in enumerate(ranges):
            if len(busy) == _AHEAD * self.count:
                yield _received(busy.popleft())
            pipe = self._pipes[number % self.count]
            pipe.send(each)
            busy.append(pipe)
        while busy:
            yield _received(busy.popleft())
        self._tell_all(None)

    def _tell_all(self, message: object) -> None:
        for pipe in self._pipes:
            pipe.send(message)


@contextmanager
def _started(settings: Settings) -> Iterator[Connection]:
    context = get_context("spawn")
    pipe, its_pipe = context.Pipe()
    arguments = its_pipe, settings.database, key_of(settings)
    process = context.Process(target=_work, args=arguments, daemon=True)
    process.start()
    its_pipe.close()  # so that the end of the process ends the pipe
    try:
        yield pipe
    finally:
        pipe.close()
        process.join(STOP_SECONDS)
        process.kill()


def _received(pipe: Connection) -> Any:  # noqa: ANN401 - what the process sent
    try:
        return pipe.recv()
    except EOFError as error:
        raise Unavailable("a process of the verification", error) from error


def _work(pipe: Connection, url: str, seed: bytes | None) -> None:
    """Compare ranges until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    collect_rarely()  # a sixth of the processor time
    engine = with_tags(open_engine(url, statement_seconds=0), seed)
    pipe.send(None)
    with scan_ledger(engine, pipe.recv()) as scan:
        pipe.send(None)
        compare = CompareEntries(scan, pipe.recv())
        while (each := pipe.recv()) is not None:
            pipe.send(compare.chained(*each))
    engine.dispose()
