"""Authenticator: the principal of a request."""

from collections.abc import Callable
from dataclasses import dataclass, field

from risksentinel.domain.access import LOCAL, Principal


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request sends to prove who its caller is.

    `authorization` is the value of the header, `session` the cookie of a signed-in person, as
    `name=value`. `changes` is whether the method of the request may change something; `fetch_site`
    and `origin` are the headers Sec-Fetch-Site and Origin, by which a browser names the sender.
    """

    authorization: str | None = field(repr=False)
    session: str | None = field(default=None, repr=False)
    changes: bool = True
    fetch_site: str | None = None
    origin: str | None = None


Authenticator = Callable[[Credentials], Principal]  # raises Unauthenticated


def local_caller(_credentials: Credentials) -> Principal:
    """The authenticator of a function without authentication: every caller is `local`."""
    return LOCAL
