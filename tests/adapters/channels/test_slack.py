import json
from dataclasses import replace

from risksentinel.adapters.channels.slack import SlackChannel
from risksentinel.adapters.http.guarded import GuardedHttp
from risksentinel.domain.alert import Alert
from risksentinel.events import alert_raised
from tests.adapters.channels.alerts import ALERT, endpoint
from tests.adapters.channels.receiver import Receiver


def told(receiver: Receiver, alert: Alert) -> str:
    """The message that the chat received."""
    event = alert_raised.encode(alert, event_id="e", source="/risksentinel/score")
    SlackChannel(GuardedHttp(allow_private=True)).send(endpoint("slack", receiver.url), event)
    return receiver.requests[-1].body.decode()


def test_says_in_plain_words_what_an_analyst_needs(receiver: Receiver) -> None:
    """The message is read on a phone, at night."""
    message = json.loads(told(receiver, ALERT))

    assert message["text"] == "Critical risk: R75,000.00. From …1234 to …5678"
    header, section, context = message["blocks"]
    assert header["text"]["text"] == "Critical risk: R75,000.00"
    assert "• 11 payments in 5 minutes\n" in section["text"]["text"]
    assert context["elements"][0]["text"] == (
        "Score 0.93 · alert 01990000-0000-7000-8000-00000000a1e7 · 2026-05-01 10:30 SAST"
    )


def test_masks_the_accounts(receiver: Receiver) -> None:
    """A chat is no place for account numbers, however short they are."""
    message = told(receiver, replace(ALERT, receiver_id="5678"))

    assert "ZA-6200001234" not in message
    assert "5678" not in message


def test_cannot_be_made_to_mention_or_link(receiver: Receiver) -> None:
    """A reason quotes what a payer wrote; <!channel> would wake everybody."""
    message = json.loads(told(receiver, ALERT))

    section = message["blocks"][1]["text"]["text"]
    assert "first payment to &lt;this&gt; receiver &amp; late" in section


def test_fits_into_what_a_chat_takes(receiver: Receiver) -> None:
    """A message that is too long is refused, and the alert would not be seen."""
    message = json.loads(told(receiver, replace(ALERT, reasons=("because " * 1000,))))

    assert len(message["blocks"][1]["text"]["text"]) == 3000
