"""Authentication: the authenticator of a function, and its readiness check."""

from collections.abc import Callable
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

import structlog

from risksentinel.assembly.container import Container, built_once
from risksentinel.assembly.sessions import sessions
from risksentinel.domain.access import Principal
from risksentinel.http.function_app import NO_CHECKS
from risksentinel.http.health import Checks
from risksentinel.ports.authentication import Authenticator, local_caller, loopback_caller
from risksentinel.settings.authentication import Method

if TYPE_CHECKING:
    from risksentinel.adapters.oidc.access_tokens import AccessTokens
    from risksentinel.adapters.oidc.bounded_http import BoundedHttp
    from risksentinel.adapters.oidc.tokens import TokenVerifier

_log = structlog.get_logger(__name__)
_BY_A_GATEWAY: Final = "none: a gateway in front must authenticate every caller"


@built_once
def authenticator(container: Container) -> Authenticator:
    """The authenticator that AUTH names; without AUTH every caller on this machine is `local`."""
    methods = container.settings.auth
    if methods is None:
        return loopback_caller
    if Method.NONE in methods:
        return local_caller
    from risksentinel.usecases.authenticate import AuthenticateBearer  # noqa: PLC0415

    return AuthenticateBearer(
        _keys(container) if Method.KEYS in methods else None,
        _tokens(container) if Method.OIDC in methods else None,
        sessions(container),
    )


def authentication_checks(container: Container) -> Checks:
    """With AUTH=none, the readiness check that says that a gateway must authenticate."""
    methods = container.settings.auth or frozenset()
    return {"authentication": lambda: _BY_A_GATEWAY} if Method.NONE in methods else NO_CHECKS


@built_once
def token_verifier(container: Container) -> "TokenVerifier":
    """Verifies the tokens of the issuer in OIDC_ISSUER."""
    from risksentinel.adapters.oidc.issuer_keys import IssuerKeys  # noqa: PLC0415
    from risksentinel.adapters.oidc.tokens import TokenVerifier  # noqa: PLC0415

    issuer = container.settings.oidc_issuer
    keys = IssuerKeys(issuer, monotonic, issuer_http(container).get_json)
    return TokenVerifier(issuer, keys, container.clock)


@built_once
def issuer_http(container: Container) -> "BoundedHttp":
    """The client of the issuer. Raises Misconfigured for a wrong OIDC_CA_FILE."""
    from risksentinel.adapters.oidc.authorities import authorities  # noqa: PLC0415
    from risksentinel.adapters.oidc.bounded_http import trusting  # noqa: PLC0415

    return trusting(authorities(container.settings.oidc_ca_file, "OIDC_CA_FILE"))


@built_once
def access_tokens(container: Container) -> "AccessTokens":
    """Verifies access tokens for OIDC_AUDIENCE."""
    from risksentinel.adapters.oidc.access_tokens import AccessTokens, Claims  # noqa: PLC0415

    settings = container.settings
    claims = Claims(settings.oidc_audience, settings.oidc_roles_claim, settings.oidc_actor_claim)
    return AccessTokens(token_verifier(container), claims, monotonic)


def _keys(container: Container) -> Callable[[str], Principal]:
    from risksentinel.adapters.sql.api_keys import SqlKeyRecords  # noqa: PLC0415
    from risksentinel.usecases.authenticate_key import AuthenticateKey  # noqa: PLC0415

    return AuthenticateKey(SqlKeyRecords(container.engine), container.clock, monotonic, _later)


def _tokens(container: Container) -> Callable[[str], Principal]:
    if container.settings.oidc_ca_file:
        issuer_http(container)  # a wrong file ends the start, and not the first request

    # Built by the first token: the import of cryptography would be a part of each cold start.
    def verify(token: str) -> Principal:
        return access_tokens(container)(token)

    return verify


def _later(action: Callable[[], None]) -> None:
    """Run the action in a thread: the answer of the request does not wait for it."""

    def run() -> None:
        try:
            action()
        except Exception:  # noqa: BLE001 - only the time of the last use is lost
            _log.warning("api_key.use_not_stored", exc_info=True)

    Thread(target=run, name="api-key-use", daemon=True).start()
