"""When the activator starts, replaces and stops the process of its function."""

from threading import Event as Flag
from time import monotonic

from tests.infra.devstack.activator.fake_process import TIMEOUT, FakeProcess, Processes
from tests.infra.devstack.activator.fake_process import activator as _activator
from tests.infra.devstack.activator.fake_process import ask as _ask
from tests.infra.devstack.activator.fake_process import threads as _threads
from tests.infra.devstack.stack.stack_process import wait_until


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
