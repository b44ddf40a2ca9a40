from collections.abc import Callable
from itertools import count

import pytest

from risksentinel.ports.ledger import Ledger
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedLists, FixedModel, FixedRules, SwitchedHistory
from tests.stores import Store, memory_store
from tests.strategies import NOW


@pytest.fixture
def memory() -> Store:
    """An empty store in memory: use cases are tested on what they decide, not on SQL."""
    return memory_store()


@pytest.fixture
def ledger(memory: Store) -> Ledger:
    """The ledger of the store in memory; `test_races.py` takes the real databases instead."""
    return memory.ledger


@pytest.fixture
def history() -> SwitchedHistory:
    """An empty history."""
    return SwitchedHistory()


@pytest.fixture
def model() -> FixedModel:
    """No model yet."""
    return FixedModel()


@pytest.fixture
def meter() -> RememberingMeter:
    """A meter that remembers its counts."""
    return RememberingMeter()


@pytest.fixture
def new_id() -> Callable[[], str]:
    """Makes ids in ascending order: id-1, id-2, ..."""
    numbers = count(1)
    return lambda: f"id-{next(numbers)}"


@pytest.fixture
def score(
    ledger: Ledger,
    history: SwitchedHistory,
    model: FixedModel,
    meter: RememberingMeter,
    new_id: Callable[[], str],
) -> ScoreTransactions:
    """The use case with the default rules."""
    scoring = Scoring(FixedRules(), history, model, Policy(), meter, FixedLists())
    return ScoreTransactions(DecidePayments(scoring), ledger, lambda: NOW, new_id)
