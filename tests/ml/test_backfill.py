"""Training has the same history as the engine."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from ml.backfill import backfill, steps
from ml.dataset import UNKNOWN, Dataset, dataset
from ml.synthetic import synthetic
from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.domain.history import Habits
from risksentinel.domain.verdict import Decision
from risksentinel.ports.history import Withheld
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.policy import Policy

POLICY = Policy()
THREE = (Decision.APPROVE, Decision.REVIEW, Decision.DECLINE)


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Payments of a small bank without labels."""
    drawn = synthetic(2, count=20, days=30)
    return replace(drawn, fraud=np.full(len(drawn), UNKNOWN, dtype=np.int8))


def habits(data: Dataset) -> list[Habits]:
    """The habits of both accounts at each payment."""
    return [step.habits for step in steps(data, POLICY, np.zeros(len(data), dtype=np.bool_))]


def of_one_sender(decisions: Sequence[Decision | None]) -> Dataset:
    """Payments of one account to another, an hour apart, each labelled genuine after 90 minutes."""
    payment = synthetic(1, count=20, days=20).payments[0]
    payments = [
        replace(payment, id=f"p{number}", occurred_at=payment.occurred_at + timedelta(hours=number))
        for number in range(len(decisions))
    ]
    known = [int(each.occurred_at.timestamp()) + 5_400 for each in payments]
    return dataset(payments, [0] * len(payments), known, decisions=decisions)


def test_a_backfill_has_the_history_of_the_engine(data: Dataset) -> None:
    """Each snapshot equals that of the engine's memory history."""
    memory = MemoryHistory(timedelta(seconds=POLICY.velocity_window_seconds))
    everything = np.ones(len(data), dtype=np.bool_)

    withheld = 0
    for payment, step in zip(data.payments, steps(data, POLICY, everything), strict=True):
        assert [step.snapshot] == memory.record([payment])
        taken = Withheld.of(payment, step.decision)
        if taken is not None:
            memory.withhold([taken])
            withheld += 1
    assert withheld


def test_decisions_of_the_file_are_used(data: Dataset) -> None:
    """The habits follow the decisions of then, not those that the engine would make today."""
    decisions = [THREE[place % 3] for place in range(len(data))]

    found = backfill(replace(data, decisions=decisions), Options(), POLICY, lambda _: None)

    assert list(found.decisions) == decisions


def test_a_declined_payment_never_becomes_a_habit() -> None:
    """Not even after it is labelled genuine."""
    data = of_one_sender([Decision.APPROVE, Decision.DECLINE, Decision.APPROVE, Decision.APPROVE])

    found = habits(data)

    assert [len(each.sender.amounts) for each in found] == [0, 1, 1, 2]


def test_a_payment_under_review_becomes_a_habit_once_it_is_cleared() -> None:
    """It counts from the time at which its label is known."""
    data = of_one_sender([Decision.APPROVE, Decision.REVIEW, Decision.APPROVE, Decision.APPROVE])

    found = habits(data)

    assert [len(each.sender.amounts) for each in found] == [0, 1, 1, 3]


def test_two_backfills_decide_the_same(data: Dataset) -> None:
    """The engine's own decisions, given in the file, give the same features."""
    first = backfill(data, Options(), POLICY, lambda _: None)

    again = backfill(replace(data, decisions=first.decisions), Options(), POLICY, lambda _: None)

    np.testing.assert_array_equal(first.matrix, again.matrix)
