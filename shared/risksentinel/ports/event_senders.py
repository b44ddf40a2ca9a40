"""EventAuthenticator: the sender of the events of a request."""

from collections.abc import Callable
from typing import Final

from risksentinel.errors import Unauthenticated

LOCAL_SENDER: Final = "local"
NO_CREDENTIALS: Final = "no_credentials"
WRONG_CREDENTIALS: Final = "wrong_credentials"

# Takes the Authorization header, answers the name of the sender; raises UnknownSender, and
# Unavailable where the keys of an issuer cannot be read.
EventAuthenticator = Callable[[str | None], str]


class UnknownSender(Unauthenticated):
    """The events are not from a sender that the deployment names; `reason` is for metrics."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("events are taken from the senders of this deployment only")


def any_sender(_authorization: str | None) -> str:
    """The authenticator of a function that only this machine reaches: takes every event."""
    return LOCAL_SENDER


def bearer_token(authorization: str | None) -> str:
    """The token of `Authorization: Bearer ...`.

    Raises:
        UnknownSender: there is no header, or it has another scheme.
    """
    if authorization is None:
        raise UnknownSender(NO_CREDENTIALS)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnknownSender(WRONG_CREDENTIALS)
    return token.strip()
