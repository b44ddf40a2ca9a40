"""A reverse proxy to one function, as a WSGI application."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import urllib3

from infra.devstack.gateway.forwarded_request import (
    NOT_SENT,
    ForwardedRequest,
    ForwardedResponse,
    connections_to,
)
from risksentinel.errors import Unavailable
from risksentinel.http.problems import answer_error
from risksentinel.http.requests import StrictRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RESTART_SECONDS: Final = 2.0  # how long a request waits for a restarting function
_RETRY_EVERY: Final = 0.05


def reverse_proxy(name: str, address: str, connections: int) -> "WSGIApplication":
    """Return a proxy that forwards requests unchanged, over persistent connections.

    While the function cannot be reached, a request waits for up to 2 s. After that, or when the
    connection breaks during a request that must not be repeated, the response is 503 with
    Retry-After.
    """
    pool = connections_to(address, connections)

    def proxied(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            answer = _answered(pool, ForwardedRequest.of(environ))
        except urllib3.exceptions.HTTPError as error:
            request_id = StrictRequest(environ).request_id
            return answer_error(Unavailable(name, error), request_id)(environ, start_response)
        start_response(answer.status, answer.headers)
        return [answer.body]

    return proxied


def _answered(pool: urllib3.HTTPConnectionPool, request: ForwardedRequest) -> ForwardedResponse:
    deadline, repeatable = time.monotonic() + RESTART_SECONDS, request.is_repeatable
    while True:
        try:
            return request.over(pool)
        except NOT_SENT:
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_EVERY)
        except urllib3.exceptions.ProtocolError:
            if not repeatable:
                raise
            repeatable = False
