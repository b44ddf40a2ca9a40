"""Tests of InOrder: waves decide as one payment after the other, to the last digit."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.errors import Rejected
from risksentinel.scoring.partitions.in_order import InOrder, waves
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment
from tests.scoring.partitions.past_lives import WINDOW, one_after_the_other, pasts, see


@given(pasts(), st.integers(1, 50))
def test_windows_of_any_size_decide_as_one_payment_after_the_other(
    events: Sequence[PastEvent], size: int
) -> None:
    """Also with labels and given decisions between them."""
    decide = InOrder(see, WINDOW)
    found = [
        pair
        for begin in range(0, len(events), size)
        for pair in decide(events[begin : begin + size])
    ]

    reference = one_after_the_other(events)
    asked = [each for each in events if isinstance(each, PastPayment) and each.given is None]
    assert found == [(each, reference[each.order]) for each in asked]


@given(pasts())
def test_no_wave_has_an_account_twice_and_each_account_keeps_its_order(
    events: Sequence[PastEvent],
) -> None:
    """A wave is decided with the states before it."""
    found = waves(events)

    for wave in found:
        accounts = [{each.payment.sender_id, each.payment.receiver_id} for each in wave]
        assert len(set().union(*accounts)) == sum(map(len, accounts))
    for account in ("A", "B", "C", "D"):
        mine = [
            each.order
            for wave in found
            for each in wave
            if account in {each.payment.sender_id, each.payment.receiver_id}
        ]
        assert mine == sorted(mine)
    assert sorted(each.order for wave in found for each in wave) == [each.order for each in events]


@given(pasts())
def test_too_many_accounts_are_refused(events: Sequence[PastEvent]) -> None:
    """Evicted accounts would give other decisions than those of the engine."""
    with pytest.raises(Rejected, match="more than 0 accounts"):
        InOrder(see, WINDOW, most=0)(events)
