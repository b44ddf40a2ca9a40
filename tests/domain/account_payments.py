"""Payments of a few accounts, and what an account learns from them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import strategies as st

from risksentinel.domain.account_side import AccountSide
from risksentinel.domain.known_list import KNOWN
from risksentinel.domain.money import Money
from risksentinel.domain.party_state import DAY
from risksentinel.domain.transaction import Channel, Rail, Transaction
from tests.strategies import NOW


def paid(
    number: int,
    receiver: str = "B",
    *,
    ago: timedelta = timedelta(0),
    cents: int = 10_000,
    sender: str = "A",
    device: str | None = "phone",
) -> Transaction:
    """Return a payment by phone."""
    return Transaction(
        id=f"t{number}",
        sender_id=sender,
        receiver_id=receiver,
        amount=Money.of_cents(cents),
        channel=Channel.MOBILE_BANKING,
        occurred_at=NOW - ago,
        rail=Rail.PAYSHAP,
        device_id=device,
    )


@st.composite
def payments(draw: st.DrawFn, most: int = 12) -> list[Transaction]:
    """Draw payments of two accounts over days, out of order, some in the same second."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from("AB"),
                st.sampled_from("BCD"),
                st.integers(0, 4),
                st.integers(1, 10**6),
                st.sampled_from([None, "phone", "tablet"]),
            ),
            max_size=most,
        )
    )
    return [
        paid(n, receiver, ago=timedelta(hours=13 * ago), cents=cents, sender=sender, device=device)
        for n, (sender, receiver, ago, cents, device) in enumerate(drawn)
    ]


def in_order(payments: Sequence[Transaction]) -> list[Transaction]:
    """Return the payments in order of time."""
    return sorted(payments, key=lambda each: each.occurred_at)


def taught(side: AccountSide) -> dict[str, object]:
    """Return the state apart from flow and last, with sorted lists."""
    days = [(day, count, pytest.approx(rand, abs=1e-6)) for day, count, rand in
            DAY.iter_unpack(side.habits.days)]  # fmt: skip
    return {
        "payments": side.habits.payments,
        "days": days,
        "taught": side.taught,
        "first": side.first,
        "beneficiaries": sorted(KNOWN.iter_unpack(side.beneficiaries)),
        "devices": sorted(KNOWN.iter_unpack(side.devices)),
        "ordered": side.ordered,
    }
