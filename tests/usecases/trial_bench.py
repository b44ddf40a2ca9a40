"""The dry run of a rule that changes no decision, on payments of one account."""

from typing import Any, Final

from sqlalchemy import Engine

from risksentinel.adapters.sql.rule_trials import SqlTrialRecords
from risksentinel.domain.rule_trial import RuleTrial
from risksentinel.ports.rule_trials import TrialSpan
from risksentinel.rules.rule import Rule
from risksentinel.usecases.past_observations import PastObservations
from risksentinel.usecases.try_rule import TryRule
from tests.backtest.filled import AGES, Engined
from tests.backtest.test_as_stored import Step, lived
from tests.fakes.scoring import FixedLists
from tests.rules.conditions import read_rule

ALL: Final = TrialSpan(None, None, 50_000)
_LEAST: Final = {"name": "Tried", "weight": 0, "severity": "low"}  # changes no decision


def try_rule(engine: Engine, **members: Any) -> TryRule:  # noqa: ANN401 - members of TryRule
    """The use case without a bound of time, if none is given."""
    records = SqlTrialRecords(engine, AGES)
    return TryRule(records, PastObservations(records, FixedLists()), **{"seconds": 600, **members})


def rule_with(condition: object) -> Rule:
    """A rule with this condition that changes no decision."""
    return read_rule({**_LEAST, "condition": condition}, rule_id="tried")


def paid_hourly(engine: Engine, count: int) -> Engined:
    """A database with so many payments of one account, one in each hour."""
    life: list[tuple[int, Step]] = [
        (number * 3_600, ("pay", [(number, "A", "shop", 0, False)])) for number in range(count)
    ]
    return lived(engine, life)


def tried(engine: Engine, condition: object, **members: Any) -> RuleTrial:  # noqa: ANN401 - as try_rule
    """The dry run of a rule with this condition on all payments."""
    return try_rule(engine, **members).over(rule_with(condition), ALL)
