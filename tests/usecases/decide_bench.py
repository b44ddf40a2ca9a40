"""Payments by phone, and the use case that decides them with the default rules and a history."""

from collections.abc import Sequence
from datetime import timedelta

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.ports.history import History
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import Scoring
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedLists, FixedModel, FixedRules
from tests.strategies import NOW

WINDOW = timedelta(seconds=300)
TIMELY = Policy(max_lateness_seconds=None)  # a life of months is paid at once


def paid(  # noqa: PLR0913 - a payment has so many parts
    name: str,
    cents: int = 20_000,
    *,
    sender: str = "me",
    receiver: str = "shop",
    ago: timedelta = timedelta(0),
    device: str | None = None,
    swapped: bool = False,
) -> Transaction:
    """A payment by phone."""
    at = NOW - ago
    return Transaction(
        id=name,
        sender_id=sender,
        receiver_id=receiver,
        amount=Money.of_cents(cents),
        channel=Channel.MOBILE_BANKING,
        occurred_at=at,
        rail=Rail.PAYSHAP,
        device_id=device,
        sim_swapped_at=at - timedelta(hours=1) if swapped else None,
    )


def deciding(history: History) -> DecidePayments:
    """The default rules and this history."""
    return DecidePayments(
        Scoring(
            FixedRules(policy=TIMELY),
            history,
            FixedModel(),
            TIMELY,
            RememberingMeter(),
            FixedLists(),
        )
    )


def fresh() -> MemoryHistory:
    """An empty history."""
    return MemoryHistory(WINDOW)


def one_by_one(decide: DecidePayments, batch: Sequence[Transaction]) -> list[Scored]:
    """The verdicts where each payment comes alone."""
    return [scored for payment in batch for scored in decide([payment], NOW)]


usual_life = [
    paid(f"usual-{n}", receiver="shop", sender=sender, ago=timedelta(days=110 - n), device="phone")
    for n in range(100)
    for sender in ("A", "B")
]
