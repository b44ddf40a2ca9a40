"""SignInFlow: one sign-in at the issuer, from the redirect to the callback.

The browser holds the flow in a cookie. A signature of the cookie would prove nothing: an attacker
that can write cookies of this address could begin a flow too, and write its signed cookie.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from typing_extensions import override

from risksentinel.domain.local_path import local_path
from risksentinel.errors import Rejected
from risksentinel.text import rfc3339, strict_json

FLOW_LIFE: Final = timedelta(minutes=10)
RandomBytes = Callable[[int], bytes]
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SignInFlow:
    """The secrets of a flow, and where the browser returns to."""

    state: str
    nonce: str
    verifier: str
    to: str
    began_at: str

    @override
    def __repr__(self) -> str:
        return f"SignInFlow(to={self.to!r}, began_at={self.began_at!r})"

    @property
    def challenge(self) -> str:
        """The challenge of PKCE, method S256 (RFC 7636)."""
        return _text(sha256(self.verifier.encode()).digest())

    @property
    def cookie(self) -> str:
        """The value of the cookie."""
        return _text(strict_json.encode(asdict(self)))

    def answers(self, state: str) -> bool:
        """Whether the callback is that of this flow, compared in constant time."""
        return compare_digest(self.state.encode(), state.encode())

    def is_over(self, at: datetime) -> bool:
        """Whether the flow began too long ago."""
        return not timedelta() <= at - rfc3339.parse(self.began_at) < FLOW_LIFE


def new_flow(to: str, at: datetime, random: RandomBytes) -> SignInFlow:
    """A flow that begins now."""
    state, nonce, verifier = (_text(random(_SECRET_BYTES)) for _ in range(3))
    return SignInFlow(state, nonce, verifier, local_path(to), rfc3339.to_text(at))


def flow_of(cookie: str) -> SignInFlow | None:
    """The flow of the cookie; None if the cookie is not one that this program wrote."""
    try:
        members = strict_json.decode(urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)))
        if not isinstance(members, dict) or not all(isinstance(v, str) for v in members.values()):
            return None
        flow = SignInFlow(**members)
        local_path(flow.to)
        rfc3339.parse(flow.began_at)
    except (ValueError, TypeError, Rejected):
        return None
    return flow


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
