from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from risksentinel.domain.history import ReceiverProfile, SenderProfile, Snapshot, VelocitySnapshot
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.observation import Observation
from risksentinel.rules.parse import parse_rule
from tests.rules.conditions import WRITTEN

RULES = {
    rule_id: parse_rule(
        document, rule_id=rule_id, version=1, created_at=WRITTEN, updated_at=WRITTEN
    )
    for rule_id, document in DEFAULT_RULES.items()
}
NIGHT = datetime(2026, 5, 1, 21, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Payment:
    """A harmless payment at noon; a test changes what its rule looks at."""

    amount: str = "250.00"
    channel: Channel = Channel.POS
    at: datetime = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
    rail: Rail | None = None
    trade: str | None = None
    country: str | None = None
    count: int = 1
    total: str = "250.00"
    mean: float = 300.0
    new: bool = False
    payers: int = 1

    def observed(self) -> Observation:
        """The payment with its history."""
        transaction = Transaction(
            id="t",
            sender_id="me",
            receiver_id="you",
            amount=Money.parse(self.amount),
            channel=self.channel,
            occurred_at=self.at,
            rail=self.rail,
            merchant_category=self.trade,
            receiver_country=self.country,
        )
        velocity = VelocitySnapshot(self.count, Money.parse(self.total).amount, 300)
        sender = SenderProfile(payments=30, mean=self.mean, median=self.mean, deviation=100.0)
        receiver = ReceiverProfile(self.new, self.payers)
        return Observation(transaction, Snapshot(velocity, sender, receiver))


CASH = Payment("50000.00", Channel.BRANCH, rail=Rail.CASH)
SPLIT = Payment("49999.99", Channel.ATM, rail=Rail.CASH, count=2, total="90000.00")
ABROAD = Payment("20000.00", Channel.INTERNET_BANKING, country="MZ")
TAKEOVER = Payment("75000.00", Channel.MOBILE_BANKING, new=True)
BURST = Payment(at=NIGHT, count=4)
FAN_IN = Payment(channel=Channel.MOBILE_BANKING, new=True, payers=5)
ONLINE = Payment("600.00", Channel.ECOMMERCE, rail=Rail.CARD)

FIRES = [
    ("za-cash-threshold", CASH),
    ("za-cash-structuring", SPLIT),
    ("za-cash-structuring", replace(SPLIT, amount="40000.00")),
    ("za-cross-border", ABROAD),
    ("za-new-beneficiary", TAKEOVER),
    ("za-new-beneficiary", replace(TAKEOVER, amount="50000.00", channel=Channel.USSD)),
    ("za-night-burst", BURST),
    ("za-mule-fan-in", FAN_IN),
    ("za-card-not-present", ONLINE),
    ("za-card-not-present", replace(ONLINE, rail=None)),
]
PASSES = [
    ("za-cash-threshold", replace(CASH, amount="49999.99")),
    ("za-cash-threshold", replace(CASH, rail=Rail.EFT)),
    ("za-cash-structuring", replace(SPLIT, amount="39999.99")),
    ("za-cash-structuring", replace(SPLIT, amount="50000.00")),
    ("za-cash-structuring", replace(SPLIT, rail=Rail.CARD)),
    ("za-cash-structuring", replace(SPLIT, count=1)),
    ("za-cash-structuring", replace(SPLIT, total="49999.99")),
    ("za-cross-border", replace(ABROAD, amount="19999.99")),
    ("za-cross-border", replace(ABROAD, country="ZA")),
    ("za-cross-border", replace(ABROAD, country=None)),
    ("za-new-beneficiary", replace(TAKEOVER, amount="49999.99")),
    ("za-new-beneficiary", replace(TAKEOVER, channel=Channel.BRANCH)),
    ("za-new-beneficiary", replace(TAKEOVER, new=False)),
    ("za-night-burst", replace(BURST, count=3)),
    ("za-night-burst", replace(BURST, at=WRITTEN)),
    ("za-mule-fan-in", replace(FAN_IN, payers=4)),
    ("za-mule-fan-in", replace(FAN_IN, new=False)),
    ("za-mule-fan-in", replace(FAN_IN, trade="5411")),
    ("za-card-not-present", replace(ONLINE, amount="599.99")),
    ("za-card-not-present", replace(ONLINE, channel=Channel.POS)),
    ("za-card-not-present", replace(ONLINE, rail=Rail.EFT)),
]


@pytest.mark.parametrize(("rule_id", "payment"), FIRES)
def test_fires_on_the_payment_it_was_written_for(rule_id: str, payment: Payment) -> None:
    """These are the payments that an analyst would miss most."""
    assert RULES[rule_id].test(payment.observed()) is True


@pytest.mark.parametrize(("rule_id", "payment"), PASSES)
def test_does_not_fire_on_the_payment_just_beside(rule_id: str, payment: Payment) -> None:
    """Each number in a rule has a reason, and one cent less has none."""
    assert RULES[rule_id].test(payment.observed()) is False


@pytest.mark.parametrize("rule_id", RULES)
def test_leaves_a_harmless_payment_alone(rule_id: str) -> None:
    """An analyst who is called for a lunch at noon stops to listen."""
    assert RULES[rule_id].test(Payment(rail=Rail.CARD, trade="5812").observed()) is False


def test_there_are_seven_and_every_analyst_can_read_them() -> None:
    """A reason without words is no reason."""
    assert len(DEFAULT_RULES) == 7
    assert all(rule.name and rule.description and rule.active for rule in RULES.values())
    assert len({rule.name for rule in RULES.values()}) == 7


@pytest.mark.parametrize("rule_id", ["za-new-beneficiary", "za-cash-structuring"])
def test_a_rule_that_is_reason_enough_lifts_the_score_to_high(rule_id: str) -> None:
    """A weighted mean of calm signals must not outvote it."""
    assert RULES[rule_id].floor == 0.7


@pytest.mark.parametrize(
    "rule_id", ["za-cash-structuring", "za-new-beneficiary", "za-night-burst", "za-mule-fan-in"]
)
def test_is_unknown_while_the_history_is_silent(rule_id: str) -> None:
    """A store that is away neither accuses nor acquits."""
    payments: dict[str, Any] = {}
    for name, fires in FIRES:
        payments.setdefault(name, fires)
    observation = replace(payments[rule_id].observed(), snapshot=None)

    assert RULES[rule_id].test(observation) is None
