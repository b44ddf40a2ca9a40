"""Which requests the activator rejects, and with what reason."""

from contextlib import suppress
from dataclasses import dataclass
from threading import Event as Flag
from time import monotonic

import pytest
from typing_extensions import override

from infra.devstack.activator.activator import Activator
from risksentinel.errors import Misconfigured, Retryable
from tests.infra.devstack.activator.fake_process import TIMEOUT, FakeProcess, Processes
from tests.infra.devstack.activator.fake_process import activator as _activator
from tests.infra.devstack.activator.fake_process import ask as _ask
from tests.infra.devstack.activator.fake_process import threads as _threads
from tests.infra.devstack.stack.stack_process import wait_until


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


def _refusal(active: Activator[FakeProcess]) -> str:
    with pytest.raises(Retryable) as refused:
        _ask(active, timeout=0.3)
    return str(refused.value)
