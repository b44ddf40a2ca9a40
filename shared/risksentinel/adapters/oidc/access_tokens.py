"""AccessTokens: the principal of an OpenID Connect access token."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Any, Final

from risksentinel.adapters.oidc.tokens import TokenVerifier
from risksentinel.domain.access import LOCAL, Principal, Role, with_roles
from risksentinel.errors import Unauthenticated

FRESH_SECONDS: Final = 5.0  # a verified token is verified again after this time
MAX_TOKENS: Final = 2_000  # kept in memory
_NAME: Final = re.compile(r"[!-~](?:[ -~]{0,98}[!-~])?", re.ASCII)
# Names of other actors in the audit log: keys, operators' commands, functions.
_RESERVED: Final = ("key:", "operator:", "/")
_ROLES: Final[Mapping[str, Role]] = {role.value: role for role in Role}


@dataclass(frozen=True, slots=True)
class Claims:
    """Where an access token states its caller: the audience, and the claims of roles and name."""

    audience: str
    roles: str
    actor: str


@dataclass(frozen=True, slots=True)
class _Verified:
    principal: Principal
    until: float


class AccessTokens:
    """Verifies access tokens; a digest of a verified token is kept for a few seconds."""

    def __init__(self, verifier: TokenVerifier, claims: Claims, ticks: Callable[[], float]) -> None:
        self._verifier, self._claims, self._ticks = verifier, claims, ticks
        self._verified: dict[bytes, _Verified] = {}
        self._lock = Lock()

    def __call__(self, token: str) -> Principal:
        """The principal of a valid token. Raises Unauthenticated, Unavailable."""
        digest, now = blake2b(token.encode(), digest_size=32).digest(), self._ticks()
        known = self._verified.get(digest)
        if known is not None and now < known.until:
            return known.principal
        claims = self._verifier.claims(token, self._claims.audience)
        principal = self.principal(claims)
        self._keep(digest, _Verified(principal, now + FRESH_SECONDS))
        return principal

    def principal(self, claims: Mapping[str, Any]) -> Principal:
        """The person of these claims; a role that RiskSentinel does not know gives no right.

        Raises:
            Unauthenticated: the claim of the name is missing, or has a reserved name.
        """
        name = _value(claims, self._claims.actor)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise Unauthenticated(f"the access token has no valid {self._claims.actor}")
        if name == LOCAL.name or name.startswith(_RESERVED):
            raise Unauthenticated(f"the access token has a reserved name in {self._claims.actor}")
        stated = _texts(_value(claims, self._claims.roles))
        roles = [_ROLES[each] for each in stated if each in _ROLES]
        return with_roles(name, roles, person=True)

    def _keep(self, digest: bytes, verified: _Verified) -> None:
        with self._lock:
            self._verified.pop(digest, None)
            while len(self._verified) >= MAX_TOKENS:
                self._verified.pop(next(iter(self._verified)))
            self._verified[digest] = verified


def _value(claims: Mapping[str, Any], path: str) -> object:
    """The claim of this name, or the member that the name's dots lead to."""
    if path in claims:
        return claims[path]
    found: object = claims
    for step in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def _texts(stated: object) -> list[str]:
    """A list of texts, or the words of one text."""
    if isinstance(stated, str):
        return stated.split()
    return [each for each in stated if isinstance(each, str)] if isinstance(stated, list) else []
