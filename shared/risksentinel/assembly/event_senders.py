"""Who may send events to this function, by EVENT_AUTH."""

from time import monotonic
from typing import TYPE_CHECKING, Final

from risksentinel.adapters.event_secret import SecretSender
from risksentinel.assembly.container import Container, built_once
from risksentinel.errors import Misconfigured
from risksentinel.ports.event_senders import EventAuthenticator, any_sender
from risksentinel.settings import Settings
from risksentinel.text.addresses import is_loopback, is_secure_url

if TYPE_CHECKING:
    from risksentinel.adapters.oidc.bounded_http import BoundedHttp

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
    if not is_loopback(settings.host):
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


def _tokens(container: Container) -> EventAuthenticator:
    settings = container.settings
    needed = {
        "EVENT_OIDC_ISSUER": settings.event_oidc_issuer,
        "EVENT_OIDC_AUDIENCE": settings.event_oidc_audience,
        "EVENT_OIDC_SUBJECTS": settings.event_oidc_subjects.split(),
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise Misconfigured(f"EVENT_AUTH=oidc needs {', '.join(missing)}")
    if not is_secure_url(settings.event_oidc_issuer):
        raise Misconfigured("EVENT_OIDC_ISSUER must be an https URL")
    if settings.event_oidc_ca_file:
        _http(container)  # a wrong file ends the start, and not the first event

    def authenticate(authorization: str | None) -> str:
        # The first token imports the rest: cryptography would be a part of each cold start.
        return _token_senders(container)(authorization)

    return authenticate


@built_once
def _token_senders(container: Container) -> EventAuthenticator:
    from risksentinel.adapters.oidc.event_tokens import TokenSenders  # noqa: PLC0415 - see _tokens
    from risksentinel.adapters.oidc.issuer_keys import IssuerKeys  # noqa: PLC0415 - see _tokens
    from risksentinel.adapters.oidc.tokens import TokenVerifier  # noqa: PLC0415 - see _tokens

    settings = container.settings
    issuer = settings.event_oidc_issuer
    keys = IssuerKeys(issuer, monotonic, _http(container).get_json)
    return TokenSenders(
        TokenVerifier(issuer, keys, container.clock),
        settings.event_oidc_audience,
        frozenset(settings.event_oidc_subjects.split()),
        monotonic,
    )


@built_once
def _http(container: Container) -> "BoundedHttp":
    """The client of the issuer. Raises Misconfigured for a wrong EVENT_OIDC_CA_FILE."""
    from risksentinel.adapters.oidc.authorities import authorities  # noqa: PLC0415 - see _tokens
    from risksentinel.adapters.oidc.bounded_http import trusting  # noqa: PLC0415 - see _tokens

    return trusting(authorities(container.settings.event_oidc_ca_file, "EVENT_OIDC_CA_FILE"))
