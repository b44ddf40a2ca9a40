from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from typing_extensions import override

from infra.devstack.activator.scaling_state import (
    LONGEST_PAUSE,
    OutOfTurn,
    Phase,
    ScalingAction,
    ScalingState,
)
from risksentinel.errors import Retryable

IDLE = 10.0
MOST = 4


@dataclass
class FakeProcess:
    """What would be a process: it knows what it was told."""

    told_to_stop: bool = False
    given: int = 0


@dataclass
class Report:
    """Where each request is."""

    arrived: int = 0
    refused: int = 0
    gone: int = 0
    done: int = 0
    processes: list[FakeProcess] = field(default_factory=list)


class EveryCourse(RuleBasedStateMachine):
    """Whatever happens in whatever order, no request is lost, and none reaches what must stop."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ScalingState(idle=IDLE, max_buffered=MOST)
        self.now = 0.0
        self.report = Report()

    @rule()
    def a_request_arrives(self) -> None:
        """It is held, or refused."""
        self.report.arrived += 1
        try:
            self.state.arrive()
        except Retryable:
            self.report.refused += 1

    @precondition(lambda self: self.state.held)
    @rule()
    def a_caller_goes_away(self) -> None:
        """It waited long enough."""
        self.state.time_out()
        self.report.gone += 1

    @precondition(lambda self: self.state.held and self.state.phase is Phase.READY)
    @rule()
    def a_request_passes(self) -> None:
        """It goes to the one process there is."""
        self.state.pass_on()
        (process,) = self.report.processes
        assert not process.told_to_stop
        process.given += 1

    @precondition(lambda self: self.state.under_way)
    @rule()
    def a_request_is_answered(self) -> None:
        """The process has done with it."""
        self.state.answered(self.now)
        self.report.done += 1

    @rule(seconds=st.floats(0, 2 * IDLE))
    def time_goes_by(self, seconds: float) -> None:
        """Nothing else happens."""
        self.now += seconds

    @rule()
    def the_order_is_obeyed(self) -> None:
        """What is due is done."""
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
        """The process answers."""
        self.state.ready(self.now)

    @precondition(lambda self: self.state.phase in {Phase.STARTING, Phase.READY})
    @rule()
    def it_dies(self) -> None:
        """The process ends by itself."""
        self._stop()
        self._end(failed=True)

    @precondition(lambda self: self.state.phase is Phase.STOPPING)
    @rule()
    def it_has_ended(self) -> None:
        """The process ends as it was told."""
        self._end(failed=False)

    @invariant()
    def no_request_is_lost(self) -> None:
        """Each is held, under way, or told what became of it."""
        inside = self.state.held + self.state.under_way
        outside = self.report.refused + self.report.gone + self.report.done
        assert inside + outside == self.report.arrived

    @invariant()
    def there_is_at_most_one_process(self) -> None:
        """Two would race for one port."""
        assert len(self.report.processes) == (self.state.phase is not Phase.IDLE)

    @invariant()
    def no_more_wait_than_may(self) -> None:
        """Memory has an end."""
        assert 0 <= self.state.held <= MOST

    @override
    def teardown(self) -> None:
        """Whoever waits is served in the end, if processes start."""
        for _ in range(100):
            if not self.state.held:
                return
            self.now += LONGEST_PAUSE
            self.the_order_is_obeyed()
            if self.state.phase is Phase.STARTING:
                self.it_is_ready()
            elif self.state.phase is Phase.STOPPING:
                self.it_has_ended()
            elif self.state.phase is Phase.READY:
                self.a_request_passes()
        raise AssertionError(f"{self.state.held} wait for ever")

    def _stop(self) -> None:
        self.state.stopping()
        self.report.processes[0].told_to_stop = True

    def _end(self, *, failed: bool) -> None:
        self.state.ended(self.now, failed=failed)
        self.report.processes.pop()


TestEveryCourse = EveryCourse.TestCase


def test_a_process_rests_before_it_goes() -> None:
    """The next request often follows within seconds."""
    state = _awake()
    state.arrive()
    state.pass_on()
    state.answered(5.0)

    assert state.due(5.0 + IDLE - 0.1) is None
    assert state.due(5.0 + IDLE) is ScalingAction.STOP


def test_a_request_that_takes_long_is_not_rest() -> None:
    """Nobody may stop what works."""
    state = _awake()
    state.arrive()
    state.pass_on()

    assert state.due(100 * IDLE) is None


def test_what_fails_again_and_again_is_started_less_often() -> None:
    """A broken function must not take the machine, and one that is mended is soon found."""
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


def test_what_cannot_have_happened_is_refused() -> None:
    """A second process beside the first would be told of here."""
    state = _awake()

    with pytest.raises(OutOfTurn, match="it is awake, not asleep"):
        state.started()


def _awake() -> ScalingState:
    state = ScalingState(IDLE, MOST)
    state.arrive()
    state.started()
    state.ready(0.0)
    state.time_out()
    return state
