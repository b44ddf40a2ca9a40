from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.rules.rule import Action, Rule
from risksentinel.scoring.alone import score_alone
from risksentinel.scoring.policy import Policy
from tests.rules.conditions import compare, rule_when
from tests.strategies import ten_thousandths


def rule_with(weight: float, action: Action, floor: float | None = None) -> Rule:
    """Return a rule that fires on every payment."""
    return replace(
        rule_when(compare("amount_zar", "gte", 0)), weight=weight, action=action, floor=floor
    )


shares = st.floats(0, 1)
rules = st.builds(rule_with, shares, st.sampled_from(Action), st.none() | shares)


@given(rules, st.lists(ten_thousandths, min_size=2, max_size=2).map(sorted))
def test_an_action_reaches_its_level_alone(rule: Rule, levels: list[Decimal]) -> None:
    """A rule with the action review needs no other signal."""
    policy = Policy(high=levels[0], critical=levels[1])

    alone = score_alone(rule, policy)

    least = {Action.REVIEW: policy.high, Action.DECLINE: policy.critical}
    assert alone >= least.get(rule.action, Decimal(0))
    assert alone >= Decimal(repr(rule.floor or 0)).quantize(Decimal("0.0001"), ROUND_DOWN)


def test_a_flag_of_full_weight_reaches_a_third() -> None:
    """The signal rules has a weight of 0.35."""
    assert score_alone(rule_with(1.0, Action.FLAG), Policy()) == Decimal("0.3500")
