"""The warnings of an action that does not fit the alert threshold, the weight or the floor."""

from dataclasses import replace
from decimal import Decimal

from risksentinel.rules.rule import Action
from risksentinel.rules.warnings import Alerting, warnings_of
from tests.rules.conditions import compare, rule_when


def test_the_warning_of_a_flag_without_alert_says_what_to_set() -> None:
    """Weight and severity alone raise no alert."""
    rule = replace(rule_when(compare("channel", "eq", "pos")), action=Action.FLAG)

    warnings = warnings_of(rule, Alerting(Decimal("0.3500"), Decimal("0.70")))

    assert [warning.path for warning in warnings] == ["action"]
    assert "alone it brings a payment to 0.3500, and alerts begin at 0.7;" in warnings[0].message
    assert "set action to review or decline" in warnings[0].message


def test_a_review_below_the_alert_threshold_has_a_warning() -> None:
    """If ALERT_THRESHOLD is above RISK_SCORE_HIGH, a review has no alert."""
    rule = replace(rule_when(compare("channel", "eq", "pos")), action=Action.REVIEW)

    warnings = warnings_of(rule, Alerting(Decimal("0.7388"), Decimal("0.95")))

    assert [warning.path for warning in warnings] == ["action"]
    assert "set floor to 0.95" in warnings[0].message


def test_an_approving_rule_with_a_weight_has_a_warning() -> None:
    """The weight would raise the score of the payments that the rule approves."""
    rule = replace(
        rule_when(compare("channel", "eq", "pos")), action=Action.APPROVE, weight=0.5, floor=0.7
    )
    calm = replace(rule, weight=0.0, floor=None)
    quiet = Alerting(Decimal("0.1"), Decimal("0.7"))

    assert [each.path for each in warnings_of(rule, quiet)] == ["weight", "floor"]
    assert warnings_of(calm, quiet) == ()
