"""How alerts go out: the channels, and where they lead."""

from risksentinel.adapters.channels import channels
from risksentinel.adapters.channels.endpoints import endpoints_from
from risksentinel.adapters.http.guarded import GuardedHttp
from risksentinel.ports.alerting import Deliveries
from risksentinel.ports.environment import Clock
from risksentinel.settings import Settings
from risksentinel.telemetry.tracing import traced
from risksentinel.usecases.dispatch_alert import DispatchAlert


def dispatch_alert(settings: Settings, deliveries: Deliveries, clock: Clock) -> DispatchAlert:
    """Deliver to the addresses of the settings.

    Raises:
        Misconfigured: an address or the secret is wrong.
    """
    endpoints = endpoints_from(
        {"webhook": settings.webhook_urls, "slack": settings.slack_webhook_urls},
        settings.webhook_secret or None,
        allow_private=settings.webhook_allow_private,
    )
    http = GuardedHttp(allow_private=settings.webhook_allow_private)
    return DispatchAlert(deliveries, traced(channels(http, clock)), endpoints, clock)
