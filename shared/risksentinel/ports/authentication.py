"""Authenticator: the principal of a request."""

from collections.abc import Callable
from dataclasses import dataclass, field

from risksentinel.domain.access import LOCAL, Principal


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request sends to prove who its caller is.

    `authorization` is the value of the header, `session` that of the cookie of a signed-in person.
    `changes` is whether the method of the request may change something.
    """

    authorization: str | None = field(repr=False)
    session: str | None = field(default=None, repr=False)
    changes: bool = True


Authenticator = Callable[[Credentials], Principal]  # raises Unauthenticated


def local_caller(_credentials: Credentials) -> Principal:
    """The authenticator of a function without authentication: every caller is `local`."""
    return LOCAL
