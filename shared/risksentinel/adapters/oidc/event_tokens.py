"""TokenSenders: authenticates the senders of events by tokens of an issuer, as Knative sends."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock
from typing import Final

from risksentinel.adapters.oidc.tokens import TokenVerifier
from risksentinel.errors import Unauthenticated
from risksentinel.ports.event_senders import WRONG_CREDENTIALS, UnknownSender, bearer_token

UNKNOWN_SUBJECT: Final = "unknown_subject"
FRESH_SECONDS: Final = 5.0  # a verified token is verified again after this time
MAX_TOKENS: Final = 200  # kept in memory; each source has one


@dataclass(slots=True)
class TokenSenders:
    """Meets `ports.EventAuthenticator`: takes tokens for this audience, of these subjects only."""

    verifier: TokenVerifier
    audience: str
    subjects: Collection[str]
    ticks: Callable[[], float]
    _verified: dict[bytes, tuple[str, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, authorization: str | None) -> str:
        """The subject of the token. Raises UnknownSender, and Unavailable without keys."""
        token = bearer_token(authorization)
        digest, now = blake2b(token.encode(errors="replace"), digest_size=32).digest(), self.ticks()
        subject, until = self._verified.get(digest, ("", 0.0))
        if now < until:
            return subject
        subject = self._subject(token)
        with self._lock:
            if len(self._verified) >= MAX_TOKENS:
                self._verified.clear()
            self._verified[digest] = subject, now + FRESH_SECONDS
        return subject

    def _subject(self, token: str) -> str:
        try:
            subject = self.verifier.claims(token, self.audience).get("sub")
        except Unauthenticated:
            raise UnknownSender(WRONG_CREDENTIALS) from None
        if not isinstance(subject, str) or subject not in self.subjects:
            raise UnknownSender(UNKNOWN_SUBJECT)
        return subject
