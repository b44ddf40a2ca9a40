"""SecretSender: authenticates the senders of events by a secret that all of them have."""

from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from risksentinel.ports.event_senders import WRONG_CREDENTIALS, UnknownSender, bearer_token

SENDER: Final = "event-source"  # all senders have the same secret, so they have one name


@dataclass(frozen=True, slots=True)
class SecretSender:
    """Meets `ports.EventAuthenticator`; compares in constant time."""

    secret: str = field(repr=False)

    def __call__(self, authorization: str | None) -> str:
        """The name of all senders with the secret. Raises UnknownSender."""
        token = bearer_token(authorization)
        if not compare_digest(token.encode("utf-8", "surrogateescape"), self.secret.encode()):
            raise UnknownSender(WRONG_CREDENTIALS)
        return SENDER
