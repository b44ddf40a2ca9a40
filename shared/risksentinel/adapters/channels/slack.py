"""SlackChannel: alerts for a chat with Slack's incoming webhooks, or compatible ones."""

import json
from dataclasses import dataclass
from typing import Any, Final

from risksentinel.adapters.channels.answer import accept
from risksentinel.adapters.http.guarded import GuardedHttp
from risksentinel.domain.alert import Alert
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import SOUTH_AFRICA
from risksentinel.events import alert_raised
from risksentinel.events.event import JSON, Event
from risksentinel.ports.alerting import Endpoint

_LONGEST_SECTION: Final = 3000  # characters: Slack's limit
_SHOWN_OF_AN_ID: Final = 4


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """Meets `ports.AlertChannel`. The address itself is the secret; account ids are masked."""

    http: GuardedHttp

    def send(self, endpoint: Endpoint, event: Event) -> None:
        """Send the alert to the chat.

        Raises:
            Rejected: the chat is gone, or its address is not allowed.
            Retryable: the chat did not accept the alert now.
        """
        alert = alert_raised.decode(event.data, event.type)
        body = json.dumps(_message(alert), ensure_ascii=False).encode()
        accept(self.http.post(endpoint.address, body, {"Content-Type": JSON}))


def _message(alert: Alert) -> dict[str, Any]:
    headline = f"{alert.severity.value.capitalize()} risk: {Money(alert.amount_zar).in_words}"
    accounts = f"From {_masked(alert.sender_id)} to {_masked(alert.receiver_id)}"
    reasons = "\n".join(f"• {_escaped(reason)}" for reason in alert.reasons)
    raised = f"{alert.raised_at.astimezone(SOUTH_AFRICA):%Y-%m-%d %H:%M} SAST"
    trace = f"Score {alert.score:.2f} · alert {_escaped(alert.id)} · {raised}"
    return {
        "text": f"{headline}. {accounts}",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": headline}},
            _section(f"{accounts}\n{reasons}"),
            {"type": "context", "elements": [{"type": "mrkdwn", "text": trace}]},
        ],
    }


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:_LONGEST_SECTION]}}


def _masked(identifier: str) -> str:
    shown = identifier[-_SHOWN_OF_AN_ID:] if len(identifier) > _SHOWN_OF_AN_ID else ""
    return f"…{_escaped(shown)}"


def _escaped(text: str) -> str:
    """Escapes the three characters that could mention people or hide a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
