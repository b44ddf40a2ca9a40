"""A reverse proxy to a function that may have no process yet, as a WSGI application."""

from collections.abc import Iterable
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import urllib3

from infra.devstack.activator.activator import Activator, Process
from infra.devstack.gateway.forwarded_request import NOT_SENT, ForwardedRequest, ForwardedResponse
from risksentinel.errors import Retryable, Unavailable
from risksentinel.http.problems import answer_error
from risksentinel.http.requests import StrictRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_RETRY_EVERY: Final = 0.05


class Reachable(Process, Protocol):
    """A process that accepts requests."""

    @property
    def pool(self) -> urllib3.HTTPConnectionPool:
        """Connections to the process; closed before it stops."""


AnyReachable = TypeVar("AnyReachable", bound=Reachable)


def buffering_proxy(name: str, activator: Activator[AnyReachable]) -> "WSGIApplication":
    """Return a proxy that forwards requests unchanged once a process is ready.

    Without a ready process in time, or when the connection breaks during a request that must not be
    repeated, the response is 503 with Retry-After.
    """

    def proxied(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            answer = _answered(activator, ForwardedRequest.of(environ))
        except (Retryable, urllib3.exceptions.HTTPError) as error:
            request_id = StrictRequest(environ).request_id
            reported = error if isinstance(error, Retryable) else Unavailable(name, error)
            return answer_error(reported, request_id)(environ, start_response)
        start_response(answer.status, answer.headers)
        return [answer.body]

    return proxied


def _answered(activator: Activator[AnyReachable], request: ForwardedRequest) -> ForwardedResponse:
    deadline, repeatable = monotonic() + activator.limits.start_timeout, request.is_repeatable
    while True:
        try:
            with activator.ready_process(deadline) as process:
                return request.over(process.pool)
        except NOT_SENT:  # the process has just exited: the next one gets the request
            if monotonic() > deadline:
                raise
            sleep(_RETRY_EVERY)
        except urllib3.exceptions.ProtocolError:
            if not repeatable:
                raise
            repeatable = False
            sleep(_RETRY_EVERY)  # a killed process may accept one more connection
