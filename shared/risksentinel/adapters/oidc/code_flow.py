"""CodeFlow: a person signs in at the issuer, by the authorization code flow with PKCE."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import urlencode

from risksentinel.adapters.oidc.bounded_http import PART
from risksentinel.adapters.oidc.client import Client, code_request
from risksentinel.adapters.oidc.discovery import Provider
from risksentinel.adapters.oidc.token_endpoint import PostForm
from risksentinel.domain.access import Role
from risksentinel.domain.session import Person
from risksentinel.domain.sign_in_flow import SignInFlow
from risksentinel.errors import Forbidden, Unauthenticated, Unavailable

PROOF: Final = "oidc"
Claims = Mapping[str, Any]
_AGAIN: Final = "sign in again"


@dataclass(frozen=True, slots=True)
class CodeFlow:
    """The steps of a sign-in at one issuer.

    `verify` returns the claims of an ID token for this client; `named` the name and the roles that
    claims state.
    """

    provider: Callable[[], Provider]
    client: Client
    verify: Callable[[str], Claims]
    named: Callable[[Claims], tuple[str, frozenset[Role]]]
    post: PostForm

    def address(self, flow: SignInFlow) -> str:
        """The address at the issuer to which the browser goes. Raises Unavailable."""
        query = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.client.redirect_uri,
            "scope": self.client.scopes,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = _required(self.provider().authorization_endpoint, "authorization_endpoint")
        return _with_query(endpoint, query)

    def refuse_other(self, issuer: str | None) -> None:
        """Return if the callback is of this issuer (RFC 9207). Raises Unauthenticated."""
        provider = self.provider()
        if issuer is None and not provider.states_issuer:
            return
        if issuer != provider.issuer:
            raise Unauthenticated(f"the answer is not that of OIDC_ISSUER: {_AGAIN}")

    def person(self, code: str, flow: SignInFlow) -> Person:
        """The person to whom the issuer gave the code.

        Raises:
            Unauthenticated: the issuer refuses the code, or its ID token is not of this flow.
            Forbidden: the person has no role here.
            Unavailable: the issuer does not answer.
        """
        claims = self.verify(self._id_token(code, flow))
        self._refuse_other_flow(claims, flow)
        name, roles = self.named(claims)
        if not roles:
            raise Forbidden(
                f"{name} has no role of RiskSentinel: the administrator of the issuer must grant "
                f"one of {', '.join(sorted(Role))}"
            )
        return Person(name, roles, frozenset(), PROOF)

    def sign_out_address(self) -> str | None:
        """Where the browser ends the session at the issuer; None if the issuer has no such place.

        Without an answer of the issuer it is None: the session here has ended already.
        """
        try:
            endpoint = self.provider().end_session_endpoint
        except Unavailable:
            return None
        query = {
            "client_id": self.client.id,
            "post_logout_redirect_uri": self.client.after_sign_out,
        }
        return None if endpoint is None else _with_query(endpoint, query)

    def _id_token(self, code: str, flow: SignInFlow) -> str:
        provider = self.provider()
        endpoint = _required(provider.token_endpoint, "token_endpoint")
        form, headers = code_request(self.client, code, flow.verifier, basic=provider.accepts_basic)
        answer = self.post(endpoint, form, headers)
        if answer.refusal is not None:
            raise Unauthenticated(f"the issuer refused the code ({answer.refusal}): {_AGAIN}")
        token = answer.document.get("id_token")
        if not isinstance(token, str):
            raise Unavailable(PART, None, "its token endpoint sent no ID token")
        return token

    def _refuse_other_flow(self, claims: Claims, flow: SignInFlow) -> None:
        nonce, audience = claims.get("nonce"), claims.get("aud")
        if not isinstance(nonce, str) or not compare_digest(nonce.encode(), flow.nonce.encode()):
            raise Unauthenticated(f"the ID token is not of this sign-in: {_AGAIN}")
        # A token for several clients names the one that requested it (OpenID Connect, 3.1.3.7).
        is_shared = isinstance(audience, list) and len(audience) > 1
        if (is_shared or "azp" in claims) and claims.get("azp") != self.client.id:
            raise Unauthenticated(f"the ID token was made for another client: {_AGAIN}")


def _required(endpoint: str | None, name: str) -> str:
    if endpoint is None:
        raise Unavailable(PART, None, f"its document has no {name}")
    return endpoint


def _with_query(endpoint: str, query: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"
