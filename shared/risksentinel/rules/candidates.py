"""The payments on which a rule can fire, before their history and their lists are read."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Rule
from risksentinel.rules.three_valued_logic import always_false

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def can_fire(rule: Rule, payment: Transaction) -> bool:
    """Return False only if the rule's test is False with every history and with all lists.

    Three-valued logic is monotone: a result that is known without the history and the lists does
    not change when they are known (Kleene, Introduction to Metamathematics, 1952, section 64).
    """
    if payment.amount.amount < rule.min_amount:
        return False
    return rule.test(Observation(payment, None)) is not False


def possible_kinds(rule: Rule) -> frozenset[tuple[Channel, Rail | None]]:
    """Return each channel and rail of payments on which the rule can fire."""
    return frozenset(
        kind for kind, seen in _one_of_each().items() if rule.test_for(seen) is not always_false
    )


def reads_only_the_payment(rule: Rule) -> bool:
    """Return whether the rule reads neither a history nor a list."""
    return not rule.lists and not any(FIELDS[name].from_history for name in rule.fields)


@cache
def _one_of_each() -> dict[tuple[Channel, Rail | None], Observation]:
    return {
        (channel, rail): Observation(
            Transaction("x", "x", "x", Money(Decimal(0)), channel, _EPOCH, rail), None
        )
        for channel in Channel
        for rail in (None, *Rail)
    }
