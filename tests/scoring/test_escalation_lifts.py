"""Properties of the lift of an escalation."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.scoring.escalations import ESCALATIONS
from risksentinel.scoring.escalations.escalation import lifted
from risksentinel.scoring.policy import Policy
from tests.strategies import policies, ten_thousandths

POLICY = Policy()


@given(ten_thousandths, ten_thousandths, policies())
def test_a_lift_never_lowers_and_reaches_its_floor(
    total: Decimal, floor: Decimal, policy: Policy
) -> None:
    """An escalation never lowers a score."""
    found = lifted(total, floor, policy)

    assert max(total, floor) <= found <= 1
    assert found == found.quantize(Decimal("0.0001"))


@given(ten_thousandths, ten_thousandths, ten_thousandths, policies())
def test_a_lift_keeps_the_order_of_scores(
    one: Decimal, other: Decimal, floor: Decimal, policy: Policy
) -> None:
    """Analysts start with the highest score, so lifts must keep the order."""
    lower, higher = sorted([one, other])

    assert lifted(lower, floor, policy) <= lifted(higher, floor, policy)


@given(st.integers(0, 899), st.integers(1, 100))
def test_scores_a_thousandth_apart_are_not_tied(thousandths: int, apart: int) -> None:
    """If all reviews had 0.7, they could not be ordered."""
    lower = Decimal(thousandths).scaleb(-3)
    higher = min(lower + Decimal(apart).scaleb(-3), Decimal("0.899"))

    if lower < higher:
        assert lifted(lower, POLICY.high, POLICY) < lifted(higher, POLICY.high, POLICY)


@given(ten_thousandths, policies())
def test_reasons_to_review_alone_never_decline(total: Decimal, policy: Policy) -> None:
    """Several escalations to review must not decline."""
    found = total
    for _ in range(len(ESCALATIONS)):
        found = lifted(found, policy.high, policy)

    assert (found >= policy.critical) is (max(total, policy.high) >= policy.critical)
