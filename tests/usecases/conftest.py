from collections.abc import Callable
from itertools import count

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedLists, FixedModel, FixedRules, SwitchedHistory
from tests.strategies import NOW


@pytest.fixture
def ledger(engine: Engine) -> SqlLedger:
    """A real database, empty."""
    return SqlLedger(engine)


@pytest.fixture
def history() -> SwitchedHistory:
    """A history of nobody."""
    return SwitchedHistory()


@pytest.fixture
def model() -> FixedModel:
    """No model yet."""
    return FixedModel()


@pytest.fixture
def meter() -> RememberingMeter:
    """What was counted."""
    return RememberingMeter()


@pytest.fixture
def new_id() -> Callable[[], str]:
    """Ids that tell their order."""
    numbers = count(1)
    return lambda: f"id-{next(numbers)}"


@pytest.fixture
def score(
    ledger: SqlLedger,
    history: SwitchedHistory,
    model: FixedModel,
    meter: RememberingMeter,
    new_id: Callable[[], str],
) -> ScoreTransactions:
    """The use case with the default rules."""
    scoring = Scoring(FixedRules(), history, model, Policy(), meter, FixedLists())
    return ScoreTransactions(DecidePayments(scoring), ledger, lambda: NOW, new_id, lambda: None)
