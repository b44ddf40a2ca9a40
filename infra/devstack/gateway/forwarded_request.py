"""A request that is forwarded to a function, without its hop-by-hop headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote

import urllib3
from urllib3.util import SKIP_HEADER

from risksentinel.http.function_app import MAX_BODY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_CONNECT_SECONDS: Final = 2.0
_READ_SECONDS: Final = 30.0
ANSWERED_WITHIN: Final = _CONNECT_SECONDS + _READ_SECONDS
_IN_A_PATH: Final = "/:@!$&'()*+,;=~-._"
_IN_A_QUERY: Final = _IN_A_PATH + "?%"
_HOP_BY_HOP: Final = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te"),
        *("proxy-connection", "trailer", "trailers", "transfer-encoding", "upgrade", "expect"),
    }
)
_REPEATABLE: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
NOT_SENT: Final = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ClosedPoolError,  # the process was stopped just before
)


@dataclass(frozen=True, slots=True)
class ForwardedResponse:
    """The complete response of the function; an incomplete one is an error."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class ForwardedRequest:
    """A request with its body, so that it can be sent again; see `is_repeatable`."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None

    @classmethod
    def of(cls, environ: "WSGIEnvironment") -> Self:
        """Return the request that a WSGI server received, with its body."""
        body = environ["wsgi.input"].read(
            MAX_BODY + 1
        )  # one byte more than allowed: the function rejects it
        given = body or (b"" if environ.get("CONTENT_LENGTH") else None)
        return cls(environ["REQUEST_METHOD"], _target(environ), _headers_of(environ), given)

    @property
    def is_repeatable(self) -> bool:
        """Whether the method is idempotent, so that the request may be sent twice."""
        return self.method in _REPEATABLE

    def over(self, pool: urllib3.HTTPConnectionPool) -> ForwardedResponse:
        """Send the request. Raises urllib3's HTTPError; after those in NOT_SENT it was not sent."""
        response = pool.urlopen(
            self.method,
            self.target,
            body=self.body,
            headers=self.headers,
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        body = response.read(decode_content=False)
        return ForwardedResponse(
            f"{response.status} {response.reason or ''}", _end_to_end_headers(response), body
        )


def connections_to(address: str, most: int) -> urllib3.HTTPConnectionPool:
    """Return a pool of persistent connections to the function at this address."""
    timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
    return urllib3.connection_from_url(address, maxsize=most, timeout=timeout)


def _target(environ: "WSGIEnvironment") -> str:
    path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe=_IN_A_PATH)
    query = quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe=_IN_A_QUERY)
    return f"{path}?{query}" if query else path


def _headers_of(environ: "WSGIEnvironment") -> dict[str, str]:
    sent = {
        name[5:].replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        sent["CONTENT-TYPE"] = environ["CONTENT_TYPE"]
    dropped = _HOP_BY_HOP | {"content-length"} | _named(sent.get("CONNECTION", ""))
    kept = {name: value for name, value in sent.items() if name.lower() not in dropped}
    # urllib3 must not add headers that the caller did not send.
    return {"USER-AGENT": SKIP_HEADER, "ACCEPT-ENCODING": SKIP_HEADER, **kept}


def _end_to_end_headers(response: urllib3.BaseHTTPResponse) -> list[tuple[str, str]]:
    dropped = _HOP_BY_HOP | {"server"} | _named(response.headers.get("Connection", ""))
    return [
        (name, value) for name, value in response.headers.items() if name.lower() not in dropped
    ]


def _named(connection: str) -> set[str]:
    return {name.strip().lower() for name in connection.split(",") if name.strip()}
