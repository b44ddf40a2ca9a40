"""Authenticator: the principal of a request."""

from collections.abc import Callable
from dataclasses import dataclass, field

from risksentinel.domain.access import LOCAL, Principal
from risksentinel.errors import Unauthenticated
from risksentinel.text.addresses import is_loopback


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request sends to prove who its caller is.

    `authorization` is the value of the header, `session` the cookie of a signed-in person, as
    `name=value`. `changes` is whether the method of the request may change something. `address` is
    the peer of the connection; None or empty for a peer without an address, such as a Unix socket.
    `fetch_site` and `origin` are the headers Sec-Fetch-Site and Origin, by which a browser names
    the sender.
    """

    authorization: str | None = field(repr=False)
    session: str | None = field(default=None, repr=False)
    changes: bool = True
    address: str | None = None
    fetch_site: str | None = None
    origin: str | None = None


Authenticator = Callable[[Credentials], Principal]  # raises Unauthenticated


def local_caller(_credentials: Credentials) -> Principal:
    """The authenticator behind a gateway that authenticates: every caller is `local`."""
    return LOCAL


def loopback_caller(credentials: Credentials) -> Principal:
    """The authenticator without AUTH: callers on this machine are `local`, others are unknown.

    A server of another configuration may listen where other machines reach it.
    """
    if credentials.address and not is_loopback(credentials.address):
        raise Unauthenticated("only callers on this machine are served until AUTH is set")
    return LOCAL
