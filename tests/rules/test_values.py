import json
from decimal import Decimal
from typing import Any

from hypothesis import given

from risksentinel.domain.history import ReceiverProfile, Snapshot, VelocitySnapshot
from risksentinel.domain.money import Money
from risksentinel.domain.sender_profile import SenderProfile
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.rules.observation import Observation
from risksentinel.rules.values import values_of
from tests.rules.conditions import (
    WRITTEN,
    compare,
    observations,
    read_rule,
    rule_documents,
    rule_when,
)

ASKED = {
    "all": [
        compare("amount_zar", "gt", 1),
        compare("velocity.total_zar", "gt", 1),
        compare("channel", "eq", "ussd"),
        compare("anomaly.z", "gt", 1),
        compare("is_night", "eq", value=True),
        compare("rail", "eq", "eft"),
    ]
}


def test_returns_the_values_in_an_analysts_notation() -> None:
    """The explanation has cents, no insignificant digits, and marks unknown values."""
    transaction = Transaction("t", "me", "you", Money.parse("75000"), Channel.USSD, WRITTEN)
    velocity, sender = VelocitySnapshot(1, Decimal(75000), 300), SenderProfile(9, 1, 1, 7)
    snapshot = Snapshot(velocity, sender, ReceiverProfile(new_for_sender=True, senders_24h=1))

    seen = values_of(rule_when(ASKED), Observation(transaction, snapshot))

    assert seen == {
        "amount_zar": "75000.00",
        "velocity.total_zar": "75000.00",
        "channel": "ussd",
        "anomaly.z": 10714.1429,
        "is_night": False,
        "rail": None,
    }
    assert type(seen["channel"]) is str


@given(rule_documents, observations)
def test_values_are_plain_json_for_every_field_of_the_rule(
    document: dict[str, Any], observation: Observation
) -> None:
    """The explanation is stored as JSON with the score."""
    rule = read_rule(document)

    seen = values_of(rule, observation)

    assert tuple(seen) == rule.fields
    assert json.loads(json.dumps(seen, allow_nan=False)) == seen
