"""The deadline of a payment, and what each of its waits may take."""

from time import monotonic

import pytest

from risksentinel.deadline import Step, decide_by, has_passed, is_set, left, within


def test_without_a_deadline_a_wait_takes_its_own_time() -> None:
    """Events and jobs have no client that waits."""
    with within(Step.HISTORY):
        assert left(5.0) == 5.0
    assert not is_set()
    assert not has_passed()


@pytest.mark.parametrize("step", Step)
def test_a_step_ends_at_its_share_of_the_deadline(step: Step) -> None:
    """Counted from the first byte, so that what came before it counts."""
    share, _ = step.value

    with decide_by(monotonic(), 100.0), within(step):
        assert left(1000.0) == pytest.approx(100.0 * share, abs=1.0)
        assert left(0.5) == 0.5


def test_a_step_that_begins_late_has_a_small_share_of_its_own() -> None:
    """One slow source must not make all others late."""
    with decide_by(monotonic() - 95.0, 100.0):
        with within(Step.HISTORY):
            assert left(1000.0) == pytest.approx(6.0, abs=1.0)
        with within(Step.DATABASE):
            assert left(1000.0) <= 0.001
            assert has_passed()


def test_the_waits_of_a_payment_have_an_end_before_the_deadline() -> None:
    """The answer itself takes a moment."""
    with decide_by(monotonic(), 100.0):
        assert is_set()
        assert left(1000.0) < 100.0
    assert not is_set()


def test_all_least_shares_together_leave_time_for_the_database() -> None:
    """Every source late must not make the payment late."""
    least = sum(step.value[1] for step in Step)
    last = max(step.value[0] for step in Step if step not in (Step.DATABASE, Step.QUEUE))

    assert least <= 0.2
    assert last + Step.WITHHOLD.value[1] < Step.DATABASE.value[0]
