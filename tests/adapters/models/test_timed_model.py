"""A payment with a deadline does not wait for a model that takes too long."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from threading import Event
from time import monotonic

import pytest

from risksentinel.adapters.models.timed_model import (
    MAX_THREADS,
    MODEL_LATE,
    MODEL_MISSING,
    TimedModel,
)
from risksentinel.deadline import decide_by
from risksentinel.domain.policy_version import PROMOTED
from risksentinel.domain.signal import Opinion, Reading, Silent
from risksentinel.scoring.facts import Facts
from tests.usecases.payments import paid

KNOWN = Reading(0.5, ("usual",))


def facts() -> Facts:
    """Of a payment; the model does not read them."""
    return Facts(paid("p"), Silent("no history"), ())


class SlowModel:
    """Answers once it may; `broken` lets it fail."""

    def __init__(self) -> None:
        self.may = Event()
        self.may.set()
        self.broken = False

    def risks(self, batch: Sequence[Facts], choice: str) -> list[Opinion]:  # noqa: ARG002 - of the port
        """One opinion for each payment."""
        self.may.wait(10)
        if self.broken:
            raise ValueError("a bug")
        return [KNOWN] * len(batch)


@pytest.fixture
def slow() -> Iterator[SlowModel]:
    """A model that a test stalls."""
    model = SlowModel()
    yield model
    model.may.set()


def test_a_model_in_time_answers_each_payment(slow: SlowModel) -> None:
    """With a deadline and without one."""
    with closing(TimedModel(slow)) as model:
        with decide_by(monotonic(), 10.0):
            timed = model.risks([facts(), facts()], PROMOTED)

        assert timed == model.risks([facts(), facts()], PROMOTED) == [KNOWN] * 2


def test_a_stalled_model_is_late_and_is_used_again_after_it(slow: SlowModel) -> None:
    """A payment is decided without it, which its receipt says."""
    with closing(TimedModel(slow)) as model:
        slow.may.clear()
        began = monotonic()
        with decide_by(began, 0.2):
            late = model.risks([facts()], PROMOTED)
        took = monotonic() - began
        slow.may.set()
        with decide_by(monotonic(), 10.0):
            again = model.risks([facts()], PROMOTED)

    assert late == [MODEL_LATE]
    assert took < 5
    assert again == [KNOWN]


def test_a_stalled_model_does_not_get_more_and_more_threads(slow: SlowModel) -> None:
    """A thread that runs it cannot be stopped."""
    with closing(TimedModel(slow)) as model:
        slow.may.clear()
        answers = []
        for _ in range(MAX_THREADS + 2):
            with decide_by(monotonic(), 0.1):
                answers += model.risks([facts()], PROMOTED)
        slow.may.set()

    assert answers == [MODEL_LATE] * MAX_THREADS + [MODEL_MISSING] * 2


def test_a_model_that_fails_is_missing(slow: SlowModel) -> None:
    """An error in its thread must reach the payment."""
    slow.broken = True

    with closing(TimedModel(slow)) as model, decide_by(monotonic(), 10.0):
        assert model.risks([facts()], PROMOTED) == [MODEL_MISSING]
