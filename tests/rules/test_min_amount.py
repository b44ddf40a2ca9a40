"""The amount below which a rule is always false."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from risksentinel.domain.money import Money
from risksentinel.rules.observation import Observation
from tests.rules.conditions import compare, conditions, observations, rule_when


@given(conditions, observations)
def test_below_it_a_rule_is_false_and_never_unknown(
    condition: dict[str, object], observation: Observation
) -> None:
    """A skipped rule must be one that is false."""
    rule = rule_when(condition)
    least = rule.min_amount
    if least > 0:
        amount = Money(min(observation.transaction.amount.amount, least - Decimal("0.01")))
        observation = replace(
            observation, transaction=replace(observation.transaction, amount=amount)
        )

    asked = observation.transaction.amount.amount >= least

    assert asked or rule.test(observation) is False


LARGE = compare("amount_zar", "gte", "5000.00")
HUGE = compare("amount_zar", "between", ["9000.00", "9999.00"])
OTHER = compare("channel", "eq", "pos")


@pytest.mark.parametrize(
    ("condition", "least"),
    [
        (LARGE, "5000"),
        (compare("amount_zar", "in", ["7.00", "3.00"]), "3"),
        (compare("amount_zar", "lte", "5000.00"), "0"),
        ({"all": [OTHER, LARGE, HUGE]}, "9000"),
        ({"any": [LARGE, HUGE]}, "5000"),
        ({"any": [LARGE, OTHER]}, "0"),
        ({"not": LARGE}, "0"),
    ],
)
def test_min_amount_follows_from_the_condition(condition: dict[str, object], least: str) -> None:
    """Most payments are small, and most rules are for large ones, so skipping saves time."""
    assert rule_when(condition).min_amount == Decimal(least)
