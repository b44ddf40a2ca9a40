"""POST to an address that another party chose, never to an internal address.

A name is resolved once, all its addresses are checked, and the connection goes to a checked
address: a later answer of the name server has no effect. The name itself is used for TLS and the
Host header only. Redirects and the environment's proxies are not followed.
"""

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from http.client import HTTPConnection, HTTPException
from threading import Thread, Timer
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from risksentinel.adapters.http.public_addresses import is_public
from risksentinel.errors import Rejected, Retryable

Resolver = Callable[[str, int], Sequence[str]]  # host and port -> IP addresses

_PORTS: Final = {"https": 443, "http": 80}
_VISIBLE: Final = re.compile(r"[!-~]+")
_MAX_OF_AN_ANSWER: Final = 1024


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses of a host name; hosts in octal, in hex or as one number included."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of a URL that a request needs; without user name and password."""

    secure: bool
    host: str
    port: int
    path: str  # with the query

    @classmethod
    def parse(cls, url: str, *, plain: bool) -> "Target":
        """Parse an https URL; with `plain` also an http URL.

        Raises:
            Rejected: the URL is another one; the message quotes no part of it.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
            host.encode("idna")  # fails for labels that are empty or too long
        except ValueError:
            raise Rejected("is not a web address") from None
        if not (host and port != 0 and parts.scheme in _PORTS and _VISIBLE.fullmatch(url)):
            raise Rejected("is not a web address")
        if parts.scheme == "http" and not plain:
            raise Rejected("must start with https://")
        if "@" in parts.netloc:
            raise Rejected("must not carry a user name or password")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme == "https", host, port or _PORTS[parts.scheme], path)

    @property
    def name(self) -> str:
        """The Host header: the name, and the port where it is not the default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _PORTS["https" if self.secure else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class GuardedHttp:
    """Sends to public addresses over TLS; with `allow_private` to any address, also without TLS."""

    allow_private: bool = False
    resolve: Resolver = system_resolver
    trust: ssl.SSLContext | None = None  # None: the machine's certificates
    connect_seconds: float = 2.0
    total_seconds: float = 5.0

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer; redirects are not followed.

        Raises:
            Rejected: the address is not allowed.
            Retryable: no answer in time. Messages contain the host and no other part of the URL.
        """
        target = Target.parse(url, plain=self.allow_private)
        deadline = monotonic() + self.total_seconds
        try:
            with self._dial(target, self._vetted(target), deadline) as wire:
                return _exchange(wire, target, body, headers, deadline)
        except (OSError, HTTPException) as error:
            late = monotonic() >= deadline
            why = "did not answer in time" if late else _in_words(error)
            raise Retryable(f"{target.host} {why}") from None

    def _vetted(self, target: Target) -> Sequence[str]:
        # getaddrinfo has no timeout, so a thread that takes too long is abandoned.
        addresses = _within(self.connect_seconds, partial(self.resolve, target.host, target.port))
        if not (self.allow_private or all(map(is_public, addresses))):
            raise Rejected(f"{target.host} is not a public address")
        return addresses

    def _dial(self, target: Target, addresses: Sequence[str], deadline: float) -> socket.socket:
        failure: OSError = socket.gaierror()
        for address in addresses:
            try:
                seconds = min(self.connect_seconds, _left(deadline))
                wire = socket.create_connection((address, target.port), seconds)
            except OSError as error:
                failure = error
            else:
                return self._secured(wire, target, deadline) if target.secure else wire
        raise failure

    def _secured(self, wire: socket.socket, target: Target, deadline: float) -> ssl.SSLSocket:
        wire.settimeout(min(self.connect_seconds, _left(deadline)))
        trust = self.trust or _system_trust()
        # A final dot excludes search domains from the lookup; certificates do not have it.
        return trust.wrap_socket(wire, server_hostname=target.host.rstrip("."))


def _exchange(
    wire: socket.socket, target: Target, body: bytes, headers: Mapping[str, str], deadline: float
) -> int:
    ours = {"Host": target.name, "User-Agent": "RiskSentinel", "Connection": "close"}
    connection = HTTPConnection(target.host, target.port)
    connection.sock = wire
    wire.settimeout(_left(deadline))
    with _cut_off_at(deadline, wire):
        connection.request("POST", target.path, body, {**headers, **ours})
        with connection.getresponse() as answer:
            if monotonic() >= deadline:  # headers that were cut off look complete
                raise TimeoutError
            with suppress(OSError, HTTPException):
                answer.read(_MAX_OF_AN_ANSWER)
            return answer.status


@contextmanager
def _cut_off_at(deadline: float, wire: socket.socket) -> Iterator[None]:
    """Close the connection at the deadline, also where a peer sends a byte now and then."""

    def cut_off() -> None:
        with suppress(OSError):
            # Not the method of SSLSocket, which detaches the socket while another thread reads it.
            socket.socket.shutdown(wire, socket.SHUT_RDWR)

    timer = Timer(_left(deadline), cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _within(seconds: float, find: Callable[[], Sequence[str]]) -> Sequence[str]:
    found: Future[Sequence[str]] = Future()

    def run() -> None:
        try:
            found.set_result(find())
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            found.set_exception(error)

    Thread(target=run, daemon=True).start()
    return found.result(seconds)


def _left(deadline: float) -> float:
    return max(deadline - monotonic(), 0.001)  # 0 would make the socket non-blocking


@cache
def _system_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _in_words(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "did not answer in time"
        case socket.gaierror():
            return "has no address"
        case ssl.SSLCertVerificationError():
            return "has a certificate that is not trusted"
        case _:
            return f"cannot be reached ({type(error).__name__})"
