"""A request on its way to a function: as it came in, but for what concerns one hop only."""

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
_OF_THE_HOP: Final = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te"),
        *("proxy-connection", "trailer", "trailers", "transfer-encoding", "upgrade", "expect"),
    }
)
_REPEATABLE: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
NOT_SENT: Final = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ClosedPoolError,  # its process was stopped a moment before
)


@dataclass(frozen=True, slots=True)
class ForwardedResponse:
    """The function's answer, whole: one that breaks off in the middle is none."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class ForwardedRequest:
    """It can be sent more than once; whether it may be is `is_repeatable`."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None

    @classmethod
    def of(cls, environ: "WSGIEnvironment") -> Self:
        """The request that a WSGI server received, with its body."""
        body = environ["wsgi.input"].read(MAX_BODY + 1)  # one too many: the function refuses it
        given = body or (b"" if environ.get("CONTENT_LENGTH") else None)
        return cls(environ["REQUEST_METHOD"], _target(environ), _headers_of(environ), given)

    @property
    def is_repeatable(self) -> bool:
        """Whether sending it twice does what sending it once does."""
        return self.method in _REPEATABLE

    def over(self, pool: urllib3.HTTPConnectionPool) -> ForwardedResponse:
        """Send it. Raises urllib3's HTTPError; of these, those of NOT_SENT did not send it."""
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
            f"{response.status} {response.reason or ''}", _kept_of(response), body
        )


def connections_to(address: str, most: int) -> urllib3.HTTPConnectionPool:
    """Connections to the function at this address, kept open."""
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
    dropped = _OF_THE_HOP | {"content-length"} | _named(sent.get("CONNECTION", ""))
    kept = {name: value for name, value in sent.items() if name.lower() not in dropped}
    # What the caller did not say, urllib3 must not say either.
    return {"USER-AGENT": SKIP_HEADER, "ACCEPT-ENCODING": SKIP_HEADER, **kept}


def _kept_of(response: urllib3.BaseHTTPResponse) -> list[tuple[str, str]]:
    dropped = _OF_THE_HOP | {"server"} | _named(response.headers.get("Connection", ""))
    return [
        (name, value) for name, value in response.headers.items() if name.lower() not in dropped
    ]


def _named(connection: str) -> set[str]:
    return {name.strip().lower() for name in connection.split(",") if name.strip()}
