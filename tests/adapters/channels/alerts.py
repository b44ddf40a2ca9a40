"""An alert and its event, for the channels' tests."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from risksentinel.domain.alert import Alert
from risksentinel.domain.verdict import RiskLevel
from risksentinel.events import alert_raised
from risksentinel.events.event import Event
from risksentinel.ports.alerting import Endpoint

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ALERT: Final = Alert(
    id="01990000-0000-7000-8000-00000000a1e7",
    transaction_id="tx-1",
    sender_id="ZA-6200001234",
    receiver_id="ZA-6200005678",
    amount_zar=Decimal("75000.00"),
    score=Decimal("0.9312"),
    severity=RiskLevel.CRITICAL,
    reasons=("11 payments in 5 minutes", "first payment to <this> receiver & late"),
    raised_at=datetime(2026, 5, 1, 8, 30, tzinfo=UTC),
)


def raised() -> Event:
    """The event of the alert."""
    return alert_raised.encode(ALERT, event_id=f"{ALERT.id}.raised", source="/risksentinel/score")


def endpoint(channel: str, address: str) -> Endpoint:
    """An endpoint of the channel, always with a secret."""
    return Endpoint(f"{channel}-000000000000", channel, address, SECRET)
