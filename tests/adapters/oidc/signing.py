"""Shared by the tests of tokens: an issuer in memory, its keys, and tokens that it signs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import KeyBase, RSAKey

from risksentinel.adapters.oidc.discovery import WELL_KNOWN
from risksentinel.errors import Unavailable
from tests.strategies import NOW

ISSUER: Final = "https://issuer.example"
AUDIENCE: Final = "https://risksentinel.example"
ALL: Final = ["RS256", "HS256", "none", "ES256", "Ed25519", "PS256"]
FIRST: Final = RSAKey.generate_key(2048, {"kid": "first"})
SECOND: Final = RSAKey.generate_key(2048, {"kid": "second"})


@dataclass
class Issuer:
    """Answers for the issuer's documents, and counts how often its keys are fetched."""

    keys: list[KeyBase] = field(default_factory=lambda: [FIRST])
    issuer: str = ISSUER
    fetched: int = 0
    down: bool = False

    def get(self, url: str) -> Mapping[str, Any]:
        """The JSON at the address. Raises Unavailable while the issuer is down."""
        if self.down:
            raise Unavailable("OpenID provider", TimeoutError())
        if url == ISSUER + WELL_KNOWN:
            return {"issuer": self.issuer, "jwks_uri": f"{ISSUER}/keys"}
        self.fetched += 1
        return {"keys": [key.as_dict(private=False) for key in self.keys]}


def claims(**changed: object) -> dict[str, Any]:
    """The claims of a valid token at NOW; a change to None leaves the claim out."""
    now = int(NOW.timestamp())
    usual = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "thandi@bank.example",
        "roles": ["analyst"],
        "iat": now,
        "exp": now + 300,
    }
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def signed(
    stated: Mapping[str, Any], key: KeyBase = FIRST, alg: str = "RS256", kid: str | None = "first"
) -> str:
    """A token with these claims."""
    header = {"alg": alg, **({} if kid is None else {"kid": kid})}
    return jwt.encode(header, dict(stated), key, algorithms=ALL)
