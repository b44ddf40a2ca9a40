"""A reverse proxy to one function, as a WSGI application."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import urllib3
from urllib3.util import SKIP_HEADER

from risksentinel.errors import Unavailable
from risksentinel.runtime.function_app import MAX_BODY
from risksentinel.runtime.problems import answer_error
from risksentinel.runtime.requests import StrictRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RESTART_SECONDS: Final = 2.0  # so long does a caller wait while a function starts anew
_ASK_EVERY: Final = 0.05
_CONNECT_SECONDS: Final = 2.0
_READ_SECONDS: Final = 30.0
_IN_A_PATH: Final = "/:@!$&'()*+,;=~-._"
_IN_A_QUERY: Final = _IN_A_PATH + "?%"
_OF_THE_HOP: Final = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te"),
        *("proxy-connection", "trailer", "trailers", "transfer-encoding", "upgrade", "expect"),
    }
)
_NOT_SENT: Final = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
_REPEATABLE: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


def reverse_proxy(name: str, address: str, connections: int) -> "WSGIApplication":
    """Requests go on unchanged to the function at this address, over connections kept open.

    A function that cannot be reached is waited for while it starts anew; then, or when it breaks
    off a request that must not be repeated, the answer is 503 with Retry-After.
    """
    timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
    pool = urllib3.connection_from_url(address, maxsize=connections, timeout=timeout)

    def proxied(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            response, body = _forwarded(pool, environ)
        except urllib3.exceptions.HTTPError as error:
            request_id = StrictRequest(environ).request_id
            return answer_error(Unavailable(name, error), request_id)(environ, start_response)
        start_response(f"{response.status} {response.reason or ''}", _kept_of(response))
        return [body]

    return proxied


def _forwarded(
    pool: urllib3.HTTPConnectionPool, environ: "WSGIEnvironment"
) -> tuple[urllib3.BaseHTTPResponse, bytes]:
    """The answer, whole: one that breaks off in the middle can still be asked for again."""
    method, headers = environ["REQUEST_METHOD"], _headers_of(environ)
    body = environ["wsgi.input"].read(MAX_BODY + 1)  # one byte too many: the function refuses it
    deadline, repeatable = time.monotonic() + RESTART_SECONDS, method in _REPEATABLE
    while True:
        try:
            response = pool.urlopen(
                method,
                _target(environ),
                body=body or (b"" if environ.get("CONTENT_LENGTH") else None),
                headers=headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
            )
            return response, response.read(decode_content=False)
        except _NOT_SENT:
            if time.monotonic() > deadline:
                raise
            time.sleep(_ASK_EVERY)
        except urllib3.exceptions.ProtocolError:
            if not repeatable:
                raise
            repeatable = False


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
