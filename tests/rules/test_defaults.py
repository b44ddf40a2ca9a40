"""The default rules act as their kind requires, and accept everyday payments."""

import pytest

from risksentinel.domain.transaction import Channel, Rail
from risksentinel.rules.rule import Action, Rule
from tests.rules.default_stories import DUTIES, RULES
from tests.rules.stories import Pay, habits, story


@pytest.mark.parametrize("rule_id", RULES)
def test_does_not_fire_on_a_harmless_payment(rule_id: str) -> None:
    """Default rules must not fire on everyday payments."""
    lunch = Pay(channel=Channel.POS, rail=Rail.CARD, trade="5812", device="my-phone")

    assert RULES[rule_id].test(story(habits(), lunch).observed) is False


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_analyst_can_read_them(rule: Rule) -> None:
    """Names are unique, and descriptions are not empty."""
    assert rule.name
    assert rule.description
    assert rule.active
    assert sum(rule.name == other.name for other in RULES.values()) == 1


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rules_for_reports_flag_and_other_rules_act(rule: Rule) -> None:
    """A rule for a report flags only; every other rule acts or has a weight."""
    flags = DUTIES | {"za-card-not-present"}

    assert (rule.action is Action.FLAG) is (rule.id in flags)
    assert rule.floor is None
    assert rule.weight == {Action.REVIEW: 0.5, Action.DECLINE: 1.0}.get(rule.action, rule.weight)
