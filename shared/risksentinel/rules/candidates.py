"""can_fire: whether a rule can fire on a payment, before its history and its lists are read."""

from risksentinel.domain.transaction import Transaction
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Rule


def can_fire(rule: Rule, payment: Transaction) -> bool:
    """Return False only if the rule's test is False with every history and with all lists.

    Three-valued logic is monotone: a result that is known without the history and the lists does
    not change when they are known (Kleene, Introduction to Metamathematics, 1952, section 64).
    """
    if payment.amount.amount < rule.min_amount:
        return False
    return rule.test(Observation(payment, None)) is not False
