import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from risksentinel.adapters.channels.webhook import WebhookChannel
from risksentinel.adapters.http.guarded import GuardedHttp
from risksentinel.errors import Misconfigured
from risksentinel.ports.alerting import Endpoint
from risksentinel.ports.environment import Clock
from tests.adapters.channels.alerts import SECRET, endpoint, raised
from tests.adapters.channels.receiver import Receiver

NEXT_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
HERE = GuardedHttp(allow_private=True)


def real_time() -> datetime:
    """The library's own check reads the machine's clock."""
    return datetime.now(UTC)  # noqa: TID251 - see above


def in_south_africa() -> datetime:
    """The same moment in another zone."""
    return real_time().astimezone(timezone(timedelta(hours=2)))


@pytest.mark.parametrize("clock", [real_time, in_south_africa])
def test_the_signature_is_one_that_the_standard_verifies(clock: Clock, receiver: Receiver) -> None:
    """The library reads a time without its zone, and the receiver would refuse the signature."""
    WebhookChannel(HERE, clock).send(endpoint("webhook", receiver.url), raised())

    (request,) = receiver.requests
    assert Webhook(SECRET).verify(request.body, dict(request.headers))["type"] == "alert.raised"


def test_the_payload_is_the_standards(receiver: Receiver) -> None:
    """Receivers use the standard's libraries."""
    WebhookChannel(HERE, real_time).send(endpoint("webhook", receiver.url), raised())

    (request,) = receiver.requests
    assert json.loads(request.body) == {
        "type": "alert.raised",
        "timestamp": "2026-05-01T08:30:00Z",
        "data": {
            "alert_id": "01990000-0000-7000-8000-00000000a1e7",
            "transaction_id": "tx-1",
            "sender_id": "ZA-6200001234",
            "receiver_id": "ZA-6200005678",
            "amount_zar": "75000.00",
            "score": 0.9312,
            "severity": "critical",
            "reasons": ["11 payments in 5 minutes", "first payment to <this> receiver & late"],
            "raised_at": "2026-05-01T08:30:00Z",
            "status": "open",
        },
    }


def test_a_repetition_has_the_same_id_and_body(receiver: Receiver) -> None:
    """A receiver detects repetitions by the id."""
    channel = WebhookChannel(HERE, real_time)

    channel.send(endpoint("webhook", receiver.url), raised())
    channel.send(endpoint("webhook", receiver.url), raised())

    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


@pytest.mark.parametrize("age", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_a_delivery_that_is_replayed_at_another_time_is_refused(
    receiver: Receiver, age: timedelta
) -> None:
    """A copy of a delivery is of use for five minutes; in these the receiver knows its id."""
    WebhookChannel(HERE, lambda: real_time() - age).send(
        endpoint("webhook", receiver.url), raised()
    )

    (request,) = receiver.requests
    with pytest.raises(WebhookVerificationError, match="timestamp"):
        Webhook(SECRET).verify(request.body, dict(request.headers))


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_a_replay_under_another_id_or_time_has_no_valid_signature(
    receiver: Receiver, header: str
) -> None:
    """The id and the time are signed: a copy cannot be made to look new."""
    WebhookChannel(HERE, real_time).send(endpoint("webhook", receiver.url), raised())

    (request,) = receiver.requests
    headers = {name.lower(): value for name, value in dict(request.headers).items()}
    later = str(int(headers["webhook-timestamp"]) + 1)
    changed = {"webhook-id": "msg_new", "webhook-timestamp": later}
    with pytest.raises(WebhookVerificationError, match="signature"):
        Webhook(SECRET).verify(request.body, {**headers, header: changed[header]})


@pytest.mark.parametrize("event_id", ["a.1.{}", "intloÿ-ł-支付", "\r\nX-Evil: 1", "\ud800"])
def test_any_event_has_an_id_that_can_be_signed_and_sent(receiver: Receiver, event_id: str) -> None:
    """The publisher chooses the id of the event, and the standard allows no dot in a message id."""
    channel = WebhookChannel(HERE, real_time)

    channel.send(endpoint("webhook", receiver.url), replace(raised(), id=event_id))
    channel.send(endpoint("webhook", receiver.url), raised())

    odd, usual = receiver.requests
    assert re.fullmatch(r"msg_[0-9a-f]{32}", odd.headers["webhook-id"])
    assert odd.headers["webhook-id"] != usual.headers["webhook-id"]
    Webhook(SECRET).verify(odd.body, dict(odd.headers))


def test_signs_with_the_old_and_the_new_secret(receiver: Receiver) -> None:
    """Between the two ends a secret changes at different moments."""
    both = Endpoint("webhook-000000000000", "webhook", receiver.url, f"{SECRET} {NEXT_SECRET}")

    WebhookChannel(HERE, real_time).send(both, raised())

    (request,) = receiver.requests
    for secret in (SECRET, NEXT_SECRET):
        Webhook(secret).verify(request.body, dict(request.headers))


def test_sends_nothing_unsigned(receiver: Receiver) -> None:
    """A receiver that accepts unsigned messages accepts forged ones."""
    unsigned = Endpoint("webhook-000000000000", "webhook", receiver.url, None)

    with pytest.raises(Misconfigured, match="webhook-000000000000 has no secret"):
        WebhookChannel(HERE, real_time).send(unsigned, raised())

    assert receiver.requests == []
