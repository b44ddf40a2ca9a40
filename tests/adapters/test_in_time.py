"""Work in a thread is waited for until the deadline, and no longer."""

from collections.abc import Iterator
from threading import Event, get_ident
from time import monotonic, sleep

import pytest

from risksentinel.adapters.in_time import InTime
from risksentinel.deadline import decide_by
from risksentinel.errors import Late, Unavailable


@pytest.fixture
def gate() -> Iterator[Event]:
    """Opens at the end of the test, so that no thread stays."""
    may = Event()
    yield may
    may.set()


def late() -> Late:
    """The error of work that is not in time."""
    return Late("it")


def test_without_a_deadline_the_work_is_done_here() -> None:
    """A thread would cost time for nothing."""
    assert InTime[int](1, late).run(get_ident, 0.0) == get_ident()


def test_the_result_and_the_error_of_the_work_are_the_callers() -> None:
    """As without a thread."""

    def fails() -> int:
        raise Unavailable("database")

    with decide_by(monotonic(), 10.0):
        assert InTime[int](1, late).run(lambda: 7, 5.0) == 7
        with pytest.raises(Unavailable, match="database"):
            InTime[int](1, late).run(fails, 5.0)


def test_work_that_takes_longer_is_late_and_its_result_is_discarded(gate: Event) -> None:
    """A connection that opens later must be closed."""
    discarded: list[str] = []
    in_time = InTime[str](1, late, discarded.append)

    def slow() -> str:
        gate.wait(10)
        return "opened"

    began = monotonic()
    with decide_by(began, 0.1), pytest.raises(Late):
        in_time.run(slow, 5.0)
    took = monotonic() - began
    gate.set()
    until = monotonic() + 10
    while not discarded:
        assert monotonic() < until
        sleep(0.001)

    assert took < 5
    assert discarded == ["opened"]


def test_no_more_work_than_allowed_is_in_progress(gate: Event) -> None:
    """A server that never answers must not get a thread for each payment."""
    in_time = InTime[bool](2, late)
    for _ in range(2):
        with decide_by(monotonic(), 0.05), pytest.raises(Late):
            in_time.run(lambda: gate.wait(10), 5.0)

    began = monotonic()
    with decide_by(began, 30.0), pytest.raises(Late):
        in_time.run(lambda: True, 20.0)

    assert monotonic() - began < 5
