from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from infra.scenarios.format import Scenario, read
from infra.scenarios.play import payments
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Rail, Transaction

PLACE: Final = Path(__file__).parents[2] / "scenarios"
OWN: Final = read([PLACE])
BEFORE: Final = datetime(2025, 8, 1, tzinfo=UTC)
MAX_PAYMENTS: Final = 15_000


def transaction(stated: dict[str, Any]) -> Transaction:
    """Return the payment as the engine reads it. Raises Malformed, ValueError."""
    return Transaction(
        id=stated["id"],
        sender_id=stated["sender_id"],
        receiver_id=stated["receiver_id"],
        amount=Money.parse(stated["amount_zar"]),
        channel=Channel(stated["channel"]),
        rail=Rail(stated["rail"]) if "rail" in stated else None,
        device_id=stated.get("device_id"),
        occurred_at=datetime.fromisoformat(stated["occurred_at"]),
        sim_swapped_at=_moment(stated, "sim_swapped_at"),
        beneficiary_added_at=_moment(stated, "beneficiary_added_at"),
    )


def _moment(stated: dict[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(stated[name]) if name in stated else None


@pytest.mark.parametrize("one", OWN, ids=[each.name for each in OWN])
def test_each_payment_is_valid(one: Scenario) -> None:
    """Every payment is valid and not in the future."""
    for stated in (payment for step in payments(one, ".abcdef") for payment in step):
        read_payment = transaction(stated)

        assert read_payment.occurred_at < BEFORE
        for before in (read_payment.sim_swapped_at, read_payment.beneficiary_added_at):
            assert before is None or before <= read_payment.occurred_at


@pytest.mark.parametrize("one", OWN, ids=[each.name for each in OWN])
def test_a_stop_is_expected_of_a_fraud_and_of_nothing_else(one: Scenario) -> None:
    """Each fraud expects a review or decline; genuine payments do not."""
    expected = {name for step in one.steps for name in step.expect.stated}
    stops = {"all", "review_by", "decline_by", "review_once_by"}

    assert bool(expected & stops) == (one.kind == "fraud")


def test_both_kinds_have_enough_scenarios_and_few_payments() -> None:
    """Both kinds of error are tested within the time of CI."""
    kinds = Counter(each.kind for each in OWN)
    made = sum(step.times for each in OWN for step in each.steps)

    assert kinds["fraud"] >= 24
    assert kinds["genuine"] >= 16
    assert made <= MAX_PAYMENTS
    assert {each.kind for each in read([PLACE / "frauds"])} == {"fraud"}
    assert {each.kind for each in read([PLACE / "genuine"])} == {"genuine"}
