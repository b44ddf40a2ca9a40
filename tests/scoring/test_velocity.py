"""The signal velocity."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.domain.money import Money
from risksentinel.domain.signal import Reading
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.signals.velocity import opinion
from tests.strategies import NOW

POLICY = Policy()


def risks(amounts: list[Decimal]) -> list[float]:
    """Return the risks of one account's payments, a second apart."""
    history = MemoryHistory(timedelta(seconds=POLICY.velocity_window_seconds))
    found = []
    for number, amount in enumerate(amounts):
        at = NOW + timedelta(seconds=number)
        money = Money(amount)
        payment = Transaction(f"t{number}", "me", "shop", money, Channel.MOBILE_BANKING, at)
        (snapshot,) = history.record([payment])
        said = opinion(Facts(payment, snapshot, ()), POLICY)
        assert isinstance(said, Reading)
        found.append(said.risk)
    return found


@given(st.decimals(1, 10_000_000, places=2))
def test_the_sum_of_one_payment_does_not_count(amount: Decimal) -> None:
    """One large amount is covered by anomaly and model, and must not count as velocity."""
    assert risks([amount]) == [1 / POLICY.velocity_max_count]


def test_the_second_payment_counts_the_sum_of_both() -> None:
    """A drain in two parts must count with its whole sum."""
    assert risks([Decimal(30_000), Decimal(30_000)]) == [0.1, 1.0]
