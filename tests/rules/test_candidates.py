from hypothesis import given

from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.rules.candidates import can_fire, possible_kinds, reads_only_the_payment
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


@given(rule_documents, observations)
def test_a_rule_fires_only_on_its_possible_channels_and_rails(
    document: object, observation: Observation
) -> None:
    """The query of a dry run leaves out the others."""
    rule, payment = read_rule(document), observation.transaction

    if rule.test(observation) is not False:
        assert (payment.channel, payment.rail) in possible_kinds(rule)


def test_only_a_rule_without_history_and_lists_reads_only_the_payment() -> None:
    """No receipt is read for it."""
    amount, listed = compare("amount_zar", "gt", 1), compare("sender_id", "in_list", "mule")

    assert possible_kinds(rule_when(compare("channel", "eq", "atm"))) < possible_kinds(
        rule_when(amount)
    )
    assert reads_only_the_payment(rule_when(amount))
    assert not reads_only_the_payment(rule_when(every(amount, listed)))
    assert not reads_only_the_payment(rule_when(every(amount, compare("anomaly.z", "gt", 1))))
