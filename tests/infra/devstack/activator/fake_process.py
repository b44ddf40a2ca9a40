"""A process that the test controls, and an activator that starts such processes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event as Flag
from time import monotonic

from infra.devstack.activator.activator import Activator, Limits

TIMEOUT = 60.0


@dataclass
class FakeProcess:
    """A process that the test controls."""

    ready: bool = True
    ended: str | None = None
    told_to_stop: bool = False
    may_end: Flag = field(default_factory=Flag)

    def ending(self) -> str | None:
        """Return how the process ended."""
        return self.ended

    def is_ready(self) -> bool:
        """Return whether the process is ready."""
        return self.ready and self.ended is None

    def stop(self) -> None:
        """End once the test allows it."""
        self.told_to_stop = True
        if self.ended is None:
            self.may_end.wait(TIMEOUT)
            self.ended = "was stopped"


Processes = list[FakeProcess]


@contextmanager
def activator(
    make: Callable[[], FakeProcess] = FakeProcess,
    *,
    idle: float = TIMEOUT,
    start_timeout: float = TIMEOUT,
    most: int = 100,
) -> Iterator[tuple[Activator[FakeProcess], Processes]]:
    """An activator, and the processes that it has started: one at a time."""
    processes: Processes = []

    def start() -> FakeProcess:
        assert all(process.ended for process in processes), "two at a time"
        made = make()
        processes.append(made)
        return made

    active = Activator("rules-crud", start, Limits(idle, start_timeout, most))
    active.begin()
    try:
        yield active, processes
    finally:
        for process in processes:
            process.may_end.set()
        active.close()


def threads() -> ThreadPoolExecutor:
    """Threads for 20 requests at the same time."""
    return ThreadPoolExecutor(20)


def ask(active: Activator[FakeProcess], timeout: float = TIMEOUT) -> FakeProcess:
    """Return the process of one request; it must not be stopping."""
    with active.ready_process(monotonic() + timeout) as process:
        assert not process.told_to_stop
        return process
