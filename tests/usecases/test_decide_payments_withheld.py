"""Payments that are not approved do not become habits, nor after an outage of the history."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from typing_extensions import override

from risksentinel.domain.history import Snapshot
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision
from risksentinel.ports.history import Withheld
from tests.fakes.scoring import SwitchedHistory
from tests.strategies import NOW
from tests.usecases.decide_bench import deciding, fresh, one_by_one, paid, usual_life


@pytest.mark.parametrize("in_batches_of", [1, 100])
def test_an_attack_does_not_become_a_habit(in_batches_of: int) -> None:
    """After two hundred declined payments the next one is as anomalous as the first one."""
    history = fresh()
    decide = deciding(history)
    one_by_one(decide, usual_life)
    before = history.record([paid("before", sender="A", ago=timedelta(hours=30))])[0]
    attack = [
        paid(f"x-{n}", 4_999_999, sender="A", receiver=f"mule-{n}", ago=timedelta(seconds=400 - n))
        for n in range(200)
    ]

    decided = [
        each.verdict.decision
        for start in range(0, len(attack), in_batches_of)
        for each in decide(attack[start : start + in_batches_of], NOW)
    ]

    after = history.record([paid("after", sender="A")])[0]
    assert Decision.APPROVE not in decided
    assert after.sender.payments == before.sender.payments + 1
    assert (after.sender.median, after.sender.settled_largest) == (200.0, 200.0)
    assert after.paid.window(86_400).count == 201


@dataclass
class Forgetful(SwitchedHistory):
    """A history that records, and can fail when payments are withheld."""

    told: list[str] = field(default_factory=list)

    @override
    def withhold(self, batch: Sequence[Withheld]) -> None:
        """Take payments out of the habits, or do not answer."""
        super().withhold(batch)
        self.told += [each.transaction.id for each in batch]

    @override
    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record, always."""
        return self.behind.record(batch)


def test_a_history_that_did_not_hear_of_it_is_told_with_the_next_ones() -> None:
    """A verdict must not wait for Redis, and an attack must not become a habit after an outage."""
    history = Forgetful(away=True)
    decide = deciding(history)

    (declined,) = decide([paid("t1", 99_000_000, receiver="mule")], NOW)
    history.away = False
    decide([paid("t2", sender="another", receiver="else")], NOW)

    assert declined.verdict.decision is not Decision.APPROVE
    assert history.record([paid("t3")])[0].sender.payments == 0


def test_what_is_postponed_is_told_once() -> None:
    """A postponed payment must be withheld once, not with every later batch."""
    history = Forgetful(away=True)
    decide = deciding(history)
    decide([paid("t1", 99_000_000, receiver="mule")], NOW)
    history.away = False

    decide([paid("t2", sender="B", receiver="C")], NOW)
    decide([paid("t3", sender="B", receiver="C")], NOW)

    assert history.told == ["t1"]
