from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event as Flag
from time import monotonic

import pytest
from typing_extensions import override

from infra.devstack.activator.activator import Activator, Limits
from risksentinel.errors import Misconfigured, Retryable
from tests.infra.devstack.stack.stack_process import wait_until

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


def test_no_process_starts_without_a_request() -> None:
    """A function that is not used must need no memory."""
    with _activator() as (_, processes):
        assert processes == []


def test_requests_during_a_cold_start_share_one_process() -> None:
    """A second process would slow the start down."""
    with _activator(lambda: FakeProcess(ready=False)) as (active, processes), _threads() as threads:
        asked = [threads.submit(_ask, active) for _ in range(20)]
        wait_until(lambda: bool(processes), "the start")

        processes[0].ready = True

        assert {id(each.result(TIMEOUT)) for each in asked} == {id(processes[0])}
    assert len(processes) == 1


def test_a_request_during_a_stop_gets_the_next_process() -> None:
    """A stopping process gets no request, because it would break the connection."""
    with _activator(idle=0.05) as (active, processes), _threads() as threads:
        _ask(active)
        wait_until(lambda: processes[0].told_to_stop, "the order to stop")

        late = threads.submit(_ask, active)
        assert len(processes) == 1
        processes[0].may_end.set()

        assert late.result(TIMEOUT) is processes[1]


def test_a_process_in_use_is_not_stopped() -> None:
    """A request in flight keeps its process, however long the request takes."""
    with _activator(idle=0.05) as (active, processes):
        with active.ready_process(monotonic() + TIMEOUT) as process:
            Flag().wait(0.3)

            assert not process.told_to_stop
        wait_until(lambda: processes[0].told_to_stop, "the order to stop")


def test_a_process_that_exits_during_its_start_is_replaced() -> None:
    """Buffered requests wait for the next process."""
    born: Processes = []

    def second_lives() -> FakeProcess:
        born.append(FakeProcess(ended=None if born else "exited with status 1"))
        return born[-1]

    with _activator(second_lives) as (active, _):
        assert _ask(active) is born[1]


def test_a_process_that_exits_later_is_replaced() -> None:
    """After the exit of a process the next request starts another one."""
    with _activator() as (active, processes):
        _ask(active)

        processes[0].ended = "exited with status -9"
        wait_until(lambda: processes[0].told_to_stop, "its end to be seen")

        assert _ask(active) is processes[1]


def test_a_process_that_is_never_ready_is_reported_in_time() -> None:
    """A request gets a retryable error with the reason after the start timeout."""

    def never_ready() -> FakeProcess:
        process = FakeProcess(ready=False)
        process.may_end.set()
        return process

    with _activator(never_ready, start_timeout=0.2) as (active, _):
        wait_until(lambda: "it was not ready within 0.2 s" in _refusal(active), "its failure")


def test_a_process_that_exits_at_each_start_is_reported_in_time() -> None:
    """The error has the exit status; the log of the process has the cause."""
    with _activator(lambda: FakeProcess(ended="exited with status 3")) as (active, _):
        wait_until(lambda: "it exited with status 3 before" in _refusal(active), "its failure")


def test_a_failure_is_not_reported_after_a_successful_start() -> None:
    """After a successful start the error no longer names an earlier failure."""
    born: Processes = []

    def second_lives() -> FakeProcess:
        born.append(FakeProcess(ended=None if born else "exited with status 1"))
        return born[-1]

    with _activator(second_lives, idle=0.05) as (active, _):
        _ask(active)
        wait_until(lambda: born[1].told_to_stop, "the order to stop")

        assert "could not be started: no process is ready" in _refusal(active)


def test_a_missing_command_is_reported() -> None:
    """The caller gets the reason of the operating system, not only a timeout."""

    def missing() -> FakeProcess:
        raise FileNotFoundError(2, "No such file")

    with _activator(missing) as (active, _):
        wait_until(lambda: "cannot be started: No such file" in _refusal(active), "its failure")


@dataclass
class BrokenProcess(FakeProcess):
    """A process that raises an unexpected exception at a given point."""

    fails: str = ""

    @override
    def is_ready(self) -> bool:
        self._fail_in("is_ready")
        return super().is_ready()

    @override
    def ending(self) -> str | None:
        self._fail_in("ending")
        return super().ending()

    @override
    def stop(self) -> None:
        self.told_to_stop = True
        self._fail_in("stop")

    def _fail_in(self, name: str) -> None:
        if name == self.fails:
            raise RuntimeError(name)


@pytest.mark.parametrize("fails", ["start", "is_ready", "ending", "stop"])
def test_a_failed_activator_rejects_all_requests(fails: str) -> None:
    """A failed activator rejects all requests at once instead of letting them time out."""

    def start() -> FakeProcess:
        if fails == "start":
            raise Misconfigured("install it")
        return BrokenProcess(fails=fails)

    with _activator(start, idle=0.05) as (active, processes):
        with suppress(Retryable):
            _ask(active)
        wait_until(lambda: active.failed, "its failure")

        reason = "Misconfigured" if fails == "start" else "RuntimeError"
        assert f"its activator failed: {reason}" in _refusal(active)
        active.close()
        assert all(process.told_to_stop for process in processes)


def test_buffered_requests_are_rejected_when_the_activator_fails() -> None:
    """Buffered requests get a retryable error, so that callers reach the next activator."""
    may_fail = Flag()

    def start() -> FakeProcess:
        assert may_fail.wait(TIMEOUT)
        raise Misconfigured("install it")

    with _activator(start, start_timeout=10 * TIMEOUT) as (active, _), _threads() as threads:
        held = [threads.submit(_ask, active, 10 * TIMEOUT) for _ in range(3)]
        wait_until(lambda: active.buffered == 3, "three that wait")

        may_fail.set()

        assert all(isinstance(each.exception(TIMEOUT), Retryable) for each in held)


def test_requests_during_a_shutdown_are_rejected() -> None:
    """Requests during a shutdown are rejected, or the shutdown would not end."""
    with _activator() as (active, processes), active.ready_process(monotonic() + TIMEOUT):
        processes[0].may_end.set()
        active.shut_down()

        with pytest.raises(Retryable):
            _ask(active)


def test_too_many_buffered_requests_are_rejected() -> None:
    """The number of buffered requests is limited, because memory is."""
    with (
        _activator(lambda: FakeProcess(ready=False), most=2) as (active, processes),
        _threads() as threads,
    ):
        held = [threads.submit(_ask, active) for _ in range(2)]
        wait_until(lambda: active.buffered == 2, "two that wait")
        wait_until(lambda: bool(processes), "a process that starts")

        with pytest.raises(Retryable, match="2 requests wait already"):
            _ask(active)

        processes[0].ready = True
        assert all(each.result(TIMEOUT) for each in held)


def test_a_shutdown_finishes_the_requests_in_flight() -> None:
    """A rollout must not break requests; the process is stopped after them."""
    with _activator() as (active, processes), _threads() as threads:
        with active.ready_process(monotonic() + TIMEOUT):
            processes[0].may_end.set()
            closed = threads.submit(active.close)
            Flag().wait(0.3)
            assert not closed.done()
            assert not processes[0].told_to_stop
        closed.result(TIMEOUT)
        assert processes[0].told_to_stop


@contextmanager
def _activator(
    make: Callable[[], FakeProcess] = FakeProcess,
    *,
    idle: float = TIMEOUT,
    start_timeout: float = TIMEOUT,
    most: int = 100,
) -> Iterator[tuple[Activator[FakeProcess], Processes]]:
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


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(20)


def _ask(active: Activator[FakeProcess], timeout: float = TIMEOUT) -> FakeProcess:
    with active.ready_process(monotonic() + timeout) as process:
        assert not process.told_to_stop
        return process


def _refusal(active: Activator[FakeProcess]) -> str:
    with pytest.raises(Retryable) as refused:
        _ask(active, timeout=0.3)
    return str(refused.value)
