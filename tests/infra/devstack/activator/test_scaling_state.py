from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from typing_extensions import override

from infra.devstack.activator.scaling_state import (
    LONGEST_PAUSE,
    Phase,
    ScalingAction,
    ScalingState,
    UnexpectedEvent,
)
from risksentinel.errors import Retryable

IDLE = 10.0
MOST = 4


@dataclass
class FakeProcess:
    """A process: whether it must stop, and the number of requests that it was given."""

    told_to_stop: bool = False
    given: int = 0


@dataclass
class Report:
    """The number of requests by outcome, and the running processes."""

    arrived: int = 0
    refused: int = 0
    gone: int = 0
    done: int = 0
    processes: list[FakeProcess] = field(default_factory=list)


class EveryCourse(RuleBasedStateMachine):
    """In any order of events no request is lost, and none reaches a stopping process."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ScalingState(idle=IDLE, max_buffered=MOST)
        self.now = 0.0
        self.report = Report()

    @rule()
    def a_request_arrives(self) -> None:
        """A request is buffered or rejected."""
        self.report.arrived += 1
        try:
            self.state.arrive()
        except Retryable:
            self.report.refused += 1

    @precondition(lambda self: self.state.buffered)
    @rule()
    def a_caller_goes_away(self) -> None:
        """A buffered request times out."""
        self.state.time_out()
        self.report.gone += 1

    @precondition(lambda self: self.state.buffered and self.state.phase is Phase.READY)
    @rule()
    def a_request_passes(self) -> None:
        """A buffered request is forwarded."""
        self.state.pass_on()
        (process,) = self.report.processes
        assert not process.told_to_stop
        process.given += 1

    @precondition(lambda self: self.state.under_way)
    @rule()
    def a_request_is_answered(self) -> None:
        """A forwarded request is finished."""
        self.state.answered(self.now)
        self.report.done += 1

    @rule(seconds=st.floats(0, 2 * IDLE))
    def time_goes_by(self, seconds: float) -> None:
        """Time passes without an event."""
        self.now += seconds

    @rule()
    def the_order_is_obeyed(self) -> None:
        """The due action is executed."""
        order = self.state.due(self.now)
        if order is ScalingAction.START:
            self.state.started()
            self.report.processes.append(FakeProcess())
        if order is ScalingAction.STOP:
            assert not self.state.under_way
            self._stop()

    @precondition(lambda self: self.state.phase is Phase.STARTING)
    @rule()
    def it_is_ready(self) -> None:
        """The process becomes ready."""
        self.state.ready(self.now)

    @precondition(lambda self: self.state.phase in {Phase.STARTING, Phase.READY})
    @rule()
    def it_dies(self) -> None:
        """The process exits by itself."""
        self._stop()
        self._end(failed=True)

    @precondition(lambda self: self.state.phase is Phase.STOPPING)
    @rule()
    def it_has_ended(self) -> None:
        """The process ends after its stop."""
        self._end(failed=False)

    @invariant()
    def no_request_is_lost(self) -> None:
        """Each request is buffered, forwarded or finished."""
        inside = self.state.buffered + self.state.under_way
        outside = self.report.refused + self.report.gone + self.report.done
        assert inside + outside == self.report.arrived

    @invariant()
    def there_is_at_most_one_process(self) -> None:
        """Two processes would compete for one port."""
        assert len(self.report.processes) == (self.state.phase is not Phase.IDLE)

    @invariant()
    def no_more_wait_than_may(self) -> None:
        """The number of buffered requests is limited."""
        assert 0 <= self.state.buffered <= MOST

    @override
    def teardown(self) -> None:
        """Every buffered request is finished if processes can start."""
        for _ in range(100):
            if not self.state.buffered:
                return
            self.now += LONGEST_PAUSE
            self.the_order_is_obeyed()
            if self.state.phase is Phase.STARTING:
                self.it_is_ready()
            elif self.state.phase is Phase.STOPPING:
                self.it_has_ended()
            elif self.state.phase is Phase.READY:
                self.a_request_passes()
        raise AssertionError(f"{self.state.buffered} wait for ever")

    def _stop(self) -> None:
        self.state.stopping()
        self.report.processes[0].told_to_stop = True

    def _end(self, *, failed: bool) -> None:
        self.state.ended(self.now, failed=failed)
        self.report.processes.pop()


TestEveryCourse = EveryCourse.TestCase


def test_a_process_stops_after_its_idle_time() -> None:
    """A process stops after the idle time, because requests often follow each other."""
    state = _ready()
    state.arrive()
    state.pass_on()
    state.answered(5.0)

    assert state.due(5.0 + IDLE - 0.1) is None
    assert state.due(5.0 + IDLE) is ScalingAction.STOP


def test_a_long_request_is_not_idle_time() -> None:
    """A process with a long request is not idle."""
    state = _ready()
    state.arrive()
    state.pass_on()

    assert state.due(100 * IDLE) is None


def test_repeated_failures_start_less_often() -> None:
    """The pause doubles with each failure up to a limit, and is short again after a success."""
    state, now, pauses = ScalingState(IDLE, MOST), 0.0, []
    state.arrive()
    for _ in range(8):
        began = now
        while state.due(now) is None:
            now += 0.05
        pauses.append(now - began)
        state.started()
        state.stopping()
        state.ended(now, failed=True)

    assert pauses[0] == 0
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(LONGEST_PAUSE, abs=0.1)


def test_an_impossible_event_raises() -> None:
    """An impossible event raises, because it would show two processes."""
    state = _ready()

    with pytest.raises(UnexpectedEvent, match="the process is ready, not idle"):
        state.started()


def _ready() -> ScalingState:
    state = ScalingState(IDLE, MOST)
    state.arrive()
    state.started()
    state.ready(0.0)
    state.time_out()
    return state
