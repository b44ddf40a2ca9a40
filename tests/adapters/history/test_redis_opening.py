import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import monotonic

import pytest

from risksentinel.adapters.redis.circuit_breaker import CircuitBreaker
from risksentinel.adapters.redis.opening import Opening, StillOpening
from risksentinel.adapters.redis.waiting import ServerActivity
from risksentinel.errors import Unavailable


def test_a_late_connection_is_kept_and_delays_no_other_request() -> None:
    """A handshake that is slower than the budget would otherwise never succeed."""
    opening, go, kept = Opening(), Event(), Event()

    with pytest.raises(StillOpening):
        opening.open(go.wait, ServerActivity(), 0, lambda _: kept.set())
    with pytest.raises(StillOpening):
        opening.open(lambda: None, ServerActivity(), 60, lambda _: None)
    go.set()

    assert kept.wait(5)
    assert opening.open(lambda: "next", ServerActivity(), 60, lambda _: None) == "next"


def test_an_opening_may_exceed_the_timeout_while_the_server_responds() -> None:
    """A handshake takes several answers of a server that is busy with other callers."""
    opening, activity, opened = Opening(), ServerActivity(), Event()

    def slowly() -> str:
        for _ in range(30):
            opened.wait(0.01)
            activity.answered_at += 1
        return "open"

    assert opening.open(slowly, activity, 0.1, lambda _: None) == "open"


def test_what_fails_late_is_forgotten() -> None:
    """A refusal that comes late must not stop all later attempts."""
    opening, go, failed = Opening(), Event(), Event()

    def refuse() -> None:
        go.wait()
        failed.set()
        raise ConnectionRefusedError

    with pytest.raises(StillOpening):
        opening.open(refuse, ServerActivity(), 0, lambda _: None)
    go.set()
    failed.wait(5)
    time.sleep(0.05)

    with pytest.raises(ConnectionRefusedError):
        opening.open(refuse, ServerActivity(), 60, lambda _: None)


def _failing(circuit: CircuitBreaker) -> None:
    with pytest.raises(Unavailable), circuit.attempt():
        raise Unavailable("store")


def test_after_consecutive_failures_no_request_tries_and_then_one_does() -> None:
    """Neither a recovering nor a failed server may be called by all waiting callers."""
    rests: list[float] = []
    circuit = CircuitBreaker("store", 0.05, failures=3, on_open=lambda: rests.append(monotonic()))

    for _ in range(3):
        _failing(circuit)
    with pytest.raises(Unavailable), circuit.attempt():
        pytest.fail("it was tried during the pause")
    assert len(rests) == 1
    time.sleep(0.06)

    with circuit.attempt(), pytest.raises(Unavailable), circuit.attempt():
        pytest.fail("a second one tried")
    with circuit.attempt(), circuit.attempt():
        pass


def test_an_attempt_is_told_whether_the_last_one_went_well() -> None:
    """After a recent failure the timeout is shorter."""
    circuit = CircuitBreaker("store", 60, failures=2, on_open=lambda: None)

    with circuit.attempt() as at_first:
        pass
    _failing(circuit)
    with circuit.attempt() as after_a_failure:
        pass
    with circuit.attempt() as after_a_success:
        pass

    assert [at_first, after_a_failure, after_a_success] == [True, False, True]


def test_failures_with_successes_in_between_are_no_outage() -> None:
    """On a busy machine a process may lack processor time; that must not silence the history."""
    rests: list[None] = []
    circuit = CircuitBreaker("store", 60, failures=2, on_open=lambda: rests.append(None))

    for _ in range(5):
        _failing(circuit)
        with circuit.attempt():
            pass

    assert not rests


def test_attempts_that_fail_together_are_one_failure() -> None:
    """Eight threads meet one pause of the server at the same moment; that is no outage."""
    rests: list[None] = []
    circuit = CircuitBreaker("store", 60, failures=2, on_open=lambda: rests.append(None))
    under_way = Barrier(8)

    def meet(_: int) -> None:
        with circuit.attempt():
            under_way.wait(5)
            raise Unavailable("store")

    with ThreadPoolExecutor(8) as threads:
        met = [threads.submit(meet, number) for number in range(8)]

    assert all(isinstance(each.exception(), Unavailable) for each in met)
    assert not rests
    _failing(circuit)
    assert len(rests) == 1
