from hypothesis import given

from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.rules.candidates import can_fire
from risksentinel.rules.observation import Observation
from tests.rules.conditions import (
    WRITTEN,
    compare,
    every,
    observations,
    read_rule,
    rule_documents,
    rule_when,
)

PAYMENT = Transaction("t", "me", "you", Money.parse("75000"), Channel.USSD, WRITTEN)


@given(rule_documents, observations)
def test_a_rule_fires_only_on_candidates(document: object, observation: Observation) -> None:
    """A dry run reads no history for the others, so that it would miss what fires on them."""
    rule = read_rule(document)

    if rule.test(observation) is not False:
        assert can_fire(rule, observation.transaction)


def test_a_payment_that_a_comparison_excludes_is_not_a_candidate() -> None:
    """The channel and the amount of a payment exclude it; an unknown history does not."""
    history = compare("velocity.count", "gt", 3)

    assert can_fire(rule_when(every(history, compare("channel", "eq", "ussd"))), PAYMENT)
    assert not can_fire(rule_when(every(history, compare("channel", "eq", "pos"))), PAYMENT)
    assert not can_fire(rule_when(every(history, compare("amount_zar", "gt", 75000))), PAYMENT)
