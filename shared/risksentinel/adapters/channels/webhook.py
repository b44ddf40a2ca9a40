"""WebhookChannel: alerts as Standard Webhooks, signed, with the same id at each attempt."""

import json
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256

from risksentinel.adapters.channels.answer import accept
from risksentinel.adapters.http.guarded import GuardedHttp
from risksentinel.errors import Misconfigured
from risksentinel.events import alert_raised
from risksentinel.events.event import JSON, Event
from risksentinel.ports.alerting import Endpoint
from risksentinel.ports.environment import Clock
from risksentinel.text import rfc3339


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Meets `ports.AlertChannel`. Receivers can verify sender and time, and detect repetitions."""

    http: GuardedHttp
    clock: Clock

    def send(self, endpoint: Endpoint, event: Event) -> None:
        """Send the alert, signed with every secret of the endpoint.

        Raises:
            Rejected: the endpoint is gone, or its address is not allowed.
            Retryable: the endpoint did not accept the alert now.
        """
        body = _payload(event)
        headers = {"Content-Type": JSON, **self._signed(endpoint, event.id, body)}
        accept(self.http.post(endpoint.address, body.encode(), headers))

    def _signed(self, endpoint: Endpoint, event_id: str, body: str) -> dict[str, str]:
        from standardwebhooks import Webhook  # a dependency of alert-dispatch alone

        if not endpoint.secret:
            raise Misconfigured(f"{endpoint.id} has no secret to sign with")
        # The library reads any datetime as UTC, whatever its zone.
        now = self.clock().astimezone(UTC)
        message_id = _message_id(event_id)
        # Two secrets during a rotation: the receiver accepts either signature.
        signatures = [Webhook(each).sign(message_id, now, body) for each in endpoint.secret.split()]
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def _message_id(event_id: str) -> str:
    # The publisher chooses the event's id: a dot in it would shift the parts of the signed text,
    # and a header accepts no character outside Latin-1.
    return f"msg_{sha256(event_id.encode(errors='surrogatepass')).hexdigest()[:32]}"


def _payload(event: Event) -> str:
    # Decoded and encoded again: only known fields of the event are sent.
    data = alert_raised.stated(alert_raised.decode(event.data, event.type))
    payload = {"type": "alert.raised", "timestamp": rfc3339.to_text(event.time), "data": data}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
