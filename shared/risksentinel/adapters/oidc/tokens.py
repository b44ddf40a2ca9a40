"""TokenVerifier: the claims of a signed token of one issuer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol
from joserfc.jws import JWSRegistry

from risksentinel.adapters.oidc.issuer_keys import IssuerKeys, PublicKey
from risksentinel.errors import Unauthenticated
from risksentinel.ports.environment import Clock

MAX_BYTES: Final = 16 * 1024
LEEWAY_SECONDS: Final = 60  # by which the clocks of the issuer and of this machine may differ
# Asymmetric signatures only: a public key must never work as the secret of an HMAC, nor `none`.
ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519"),
)
_MAX_SECONDS: Final = 253_402_300_799  # the last second of the year 9999
_WRONG: Final = "the access token is not valid"


@dataclass(frozen=True, slots=True)
class TokenVerifier:
    """Verifies signature, issuer, audience and times of a token."""

    issuer: str
    keys: IssuerKeys
    clock: Clock

    def claims(self, token: str, audience: str) -> Mapping[str, Any]:
        """The claims of a token for this audience.

        Raises:
            Unauthenticated: the token is not valid here and now; the message has no part of it.
            Unavailable: the keys of the issuer are unknown, and it does not answer.
        """
        if len(token) > MAX_BYTES:
            raise Unauthenticated("the access token is too large")
        try:
            claims = jwt.decode(token, self._key, registry=_REGISTRY).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            raise Unauthenticated(_WRONG) from None
        self._check(claims, audience)
        return claims

    def _key(self, signed: GuestProtocol) -> PublicKey:
        return self.keys.key(_text(signed.headers().get("kid")))

    def _check(self, claims: Mapping[str, Any], audience: str) -> None:
        now = self.clock().timestamp()
        if claims.get("iss") != self.issuer:
            raise Unauthenticated("the access token is of another issuer")
        if not _names(claims.get("aud"), audience):
            raise Unauthenticated("the access token is for another audience")
        if now >= _seconds(claims, "exp") + LEEWAY_SECONDS:
            raise Unauthenticated("the access token is expired")
        for name in ("nbf", "iat"):
            if name in claims and now < _seconds(claims, name) - LEEWAY_SECONDS:
                raise Unauthenticated("the access token is not valid yet")


_REGISTRY: Final = JWSRegistry(algorithms=list(ALGORITHMS))


def _text(key_id: object) -> str | None:
    if key_id is None or isinstance(key_id, str):
        return key_id
    raise Unauthenticated(_WRONG)


def _names(stated: object, audience: str) -> bool:
    return stated == audience or (isinstance(stated, list) and audience in stated)


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    stated = claims.get(name)
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        raise Unauthenticated(f"the access token has no valid {name}")
    if not 0 <= stated <= _MAX_SECONDS:
        raise Unauthenticated(f"the access token has no valid {name}")
    return stated
