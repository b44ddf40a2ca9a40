"""Who may send events to this function, by EVENT_AUTH."""

from ipaddress import ip_address
from typing import Final

from risksentinel.adapters.event_secret import SecretSender
from risksentinel.assembly.container import Container, built_once
from risksentinel.errors import Misconfigured
from risksentinel.ports.event_senders import EventAuthenticator, any_sender
from risksentinel.settings import Settings

MIN_SECRET: Final = 32  # characters


@built_once
def event_senders(container: Container) -> EventAuthenticator:
    """The authenticator of events.

    Raises:
        Misconfigured: EVENT_AUTH is unset and the function listens on an address that other
            machines reach; or a setting that EVENT_AUTH needs is missing.
    """
    settings = container.settings
    match settings.event_auth:
        case "secret":
            return _secret(settings)
        case "oidc":
            return _tokens(container)
        case "none":
            return any_sender
        case None:
            pass
    if not _is_loopback(settings.host):
        raise Misconfigured(
            f"set EVENT_AUTH to secret or oidc: HOST {settings.host} is not a loopback address, "
            "and without EVENT_AUTH everybody who reaches it could send events; "
            "EVENT_AUTH=none takes them from everybody"
        )
    return any_sender


def _secret(settings: Settings) -> EventAuthenticator:
    if len(settings.event_secret) < MIN_SECRET:
        raise Misconfigured(
            f"EVENT_AUTH=secret needs EVENT_SECRET with at least {MIN_SECRET} characters"
        )
    return SecretSender(settings.event_secret)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
