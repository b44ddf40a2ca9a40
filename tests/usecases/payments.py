"""Payments for the use cases' tests."""

from datetime import timedelta

from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Transaction
from tests.strategies import NOW


def paid(transaction_id: str, rand: str = "100.00", *, sender: str = "A") -> Transaction:
    """A payment by mobile banking, a minute ago."""
    return Transaction(
        transaction_id,
        sender,
        "B",
        Money.parse(rand),
        Channel.MOBILE_BANKING,
        NOW - timedelta(minutes=1),
    )


RISKY = "75000.00"
