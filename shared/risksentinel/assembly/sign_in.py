"""The parts by which people sign in and out; what a first answer does not need is imported late."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_bytes
from time import monotonic
from typing import TYPE_CHECKING, Any

from risksentinel.assembly.authentication import access_tokens, issuer_http, token_verifier
from risksentinel.assembly.container import Container
from risksentinel.assembly.sessions import sessions
from risksentinel.domain.access import LOCAL, Role
from risksentinel.domain.session import Person
from risksentinel.http.access import origin
from risksentinel.ports.environment import Clock
from risksentinel.usecases.authenticate_session import AuthenticateSession

if TYPE_CHECKING:
    from risksentinel.adapters.oidc.code_flow import CodeFlow
    from risksentinel.usecases.sign_in import SignIn, SignOut

CALLBACK = "/sign-in/callback"


@dataclass(frozen=True, slots=True)
class SignInParts:
    """What the routes of signing in need; without `sessions` every caller is `local`."""

    sessions: AuthenticateSession | None
    is_secure: bool
    session_life: timedelta
    clock: Clock
    random: Callable[[int], bytes]
    sign_in: "Callable[[], SignIn]"
    sign_out: "Callable[[], SignOut]"
    code_flow: "Callable[[], CodeFlow | None]"
    redeem: Callable[[str], Person]


def sign_in_parts(container: Container) -> SignInParts:
    """The parts; each is built when a person first signs in."""
    settings = container.settings
    return SignInParts(
        sessions(container) if settings.accepts_sessions else None,
        settings.is_https,
        timedelta(seconds=settings.session_life),
        container.clock,
        token_bytes,
        lambda: container.part(_sign_in),
        lambda: container.part(_sign_out),
        lambda: container.part(_code_flow) if settings.oidc_client_id else None,
        lambda token: _redeem(container, token),
    )


def _sign_in(container: Container) -> "SignIn":
    from risksentinel.adapters.sql.session_unit import SqlSessionLedger  # noqa: PLC0415 - at a sign-in
    from risksentinel.usecases.sign_in import SignIn  # noqa: PLC0415 - at a sign-in

    ledger = SqlSessionLedger(container.engine, origin)
    return SignIn(ledger, container.clock, container.new_id, token_bytes)


def _sign_out(container: Container) -> "SignOut":
    from risksentinel.adapters.sql.session_unit import SqlSessionLedger  # noqa: PLC0415 - at a sign-in
    from risksentinel.usecases.sign_in import SignOut  # noqa: PLC0415 - at a sign-in

    return SignOut(SqlSessionLedger(container.engine, origin), container.clock)


def _code_flow(container: Container) -> "CodeFlow":
    from risksentinel.adapters.oidc.client import Client  # noqa: PLC0415 - at a sign-in
    from risksentinel.adapters.oidc.code_flow import CodeFlow  # noqa: PLC0415 - at a sign-in
    from risksentinel.adapters.oidc.known_provider import KnownProvider  # noqa: PLC0415 - at a sign-in
    from risksentinel.adapters.oidc.token_endpoint import TokenEndpoint  # noqa: PLC0415 - at a sign-in

    settings, verifier = container.settings, token_verifier(container)
    client = Client(
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.public_url + CALLBACK,
        settings.public_url + "/",
        settings.oidc_scopes,
    )

    def named(claims: Mapping[str, Any]) -> tuple[str, frozenset[Role]]:
        principal = access_tokens(container).principal(claims)
        return principal.name, principal.roles

    http = issuer_http(container)
    provider = KnownProvider(settings.oidc_issuer, monotonic, http.get_json)

    def verify(token: str) -> Mapping[str, Any]:
        return verifier.claims(token, client.id)

    return CodeFlow(provider, client, verify, named, TokenEndpoint(http))


def _redeem(container: Container, token: str) -> Person:
    from risksentinel.adapters.home.sign_in_links import SignInLinks  # noqa: PLC0415 - at a sign-in

    SignInLinks(container.settings.risksentinel_home, container.clock, token_bytes).redeem(token)
    return Person(LOCAL.name, LOCAL.roles, LOCAL.label_sources, "link")
