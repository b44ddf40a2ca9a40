"""The rules that channel, rail and amount do not exclude, and their prepared tests."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.transaction import Channel
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.observation import Observation
from tests.rules.conditions import compare, conditions, every, observations, rule_when


@given(st.lists(conditions, max_size=4), st.lists(observations, min_size=1, max_size=3))
def test_prepared_tests_answer_as_the_rules_do(
    written: list[dict[str, object]], payments: list[Observation]
) -> None:
    """Tests are prepared with the first payment of a channel and a rail, and used for all."""
    rules = ActiveRules(rule_when(condition) for condition in written)

    for payment in payments:
        answers = {id(rule): test(payment) for rule, test in rules.possible(payment)}

        assert [answers.get(id(rule), False) for rule in rules] == [
            rule.test(payment) for rule in rules
        ]


@given(observations)
def test_a_rule_of_another_channel_is_left_out(payment: Observation) -> None:
    """Most rules are for some channels, and skipping the others saves time."""
    payment = replace(payment, transaction=replace(payment.transaction, channel=Channel.POS))
    elsewhere = rule_when(every(compare("channel", "eq", "atm"), compare("local_hour", "lt", 5)))
    here = rule_when(every(compare("channel", "eq", "pos"), compare("local_hour", "lt", 5)))

    possible = ActiveRules([elsewhere, here]).possible(payment)

    assert [rule for rule, _ in possible] == [here]


def test_rules_are_prepared_once() -> None:
    """A rule book keeps its rules for as long as they do not change."""
    rules = ActiveRules([rule_when(compare("channel", "eq", "atm"))])

    assert ActiveRules.of(rules) is rules
    assert ActiveRules.of(list(rules)) == rules
