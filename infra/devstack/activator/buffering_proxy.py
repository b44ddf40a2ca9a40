"""A reverse proxy to a function that may be asleep, as a WSGI application."""

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

_ASK_EVERY: Final = 0.05


class Reachable(Process, Protocol):
    """A process that takes requests."""

    @property
    def pool(self) -> urllib3.HTTPConnectionPool:
        """Connections to it; closed before it is told to stop."""


AnyReachable = TypeVar("AnyReachable", bound=Reachable)


def buffering_proxy(name: str, activator: Activator[AnyReachable]) -> "WSGIApplication":
    """Requests go on unchanged, as soon as there is a process that is ready for them.

    Where there is none in time, or it breaks off a request that must not be repeated, the answer
    is 503 with Retry-After.
    """

    def held(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            answer = _answered(activator, ForwardedRequest.of(environ))
        except (Retryable, urllib3.exceptions.HTTPError) as error:
            request_id = StrictRequest(environ).request_id
            told = error if isinstance(error, Retryable) else Unavailable(name, error)
            return answer_error(told, request_id)(environ, start_response)
        start_response(answer.status, answer.headers)
        return [answer.body]

    return held


def _answered(activator: Activator[AnyReachable], request: ForwardedRequest) -> ForwardedResponse:
    deadline, repeatable = monotonic() + activator.limits.start_timeout, request.is_repeatable
    while True:
        try:
            with activator.awake(deadline) as process:
                return request.over(process.pool)
        except NOT_SENT:  # it has just died: the next one gets it
            if monotonic() > deadline:
                raise
            sleep(_ASK_EVERY)
        except urllib3.exceptions.ProtocolError:
            if not repeatable:
                raise
            repeatable = False
