"""The use case that sends alerts, over every registered channel."""

from risksentinel.adapters.channels import CHANNELS, channels
from risksentinel.adapters.channels.endpoints import endpoints_from
from risksentinel.adapters.http.guarded import GuardedHttp
from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.deliveries import SqlDeliveries
from risksentinel.assembly.container import Container
from risksentinel.ports.alerting import Endpoint
from risksentinel.settings import Settings
from risksentinel.telemetry.tracing import traced
from risksentinel.usecases.dispatch_alert import DispatchAlert


def dispatch_alert(container: Container) -> DispatchAlert:
    """The use case that delivers an alert to the endpoints of the settings.

    Raises:
        Misconfigured: an address or the secret is wrong.
    """
    settings, clock = container.settings, container.clock
    http = GuardedHttp(allow_private=settings.webhook_allow_private)
    return DispatchAlert(
        SqlAlertRecords(container.engine),
        SqlDeliveries(container.engine),
        traced(channels(http, clock)),
        endpoints(settings),
        clock,
    )


def endpoints(settings: Settings) -> list[Endpoint]:
    """The addresses that the setting of each registered channel lists.

    Raises:
        Misconfigured: an address or the secret is wrong.
    """
    addresses = {
        name: getattr(settings, registered.setting.lower()) for name, registered in CHANNELS.items()
    }
    return endpoints_from(
        addresses, settings.webhook_secret or None, allow_private=settings.webhook_allow_private
    )
