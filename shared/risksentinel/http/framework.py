"""Serves a Flask app behind the single route of functions-framework."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Request, Response
from typing_extensions import override

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _Passed(Response):
    """A response that calls the app when the server asks for it; it copies nothing, and is shared.

    It is a stream, so that the framework does not read the rest of the request's body into memory:
    the limit of the body is checked by the app alone.
    """

    is_streamed = True

    def __init__(self, app: "WSGIApplication") -> None:
        super().__init__()
        self._app = app

    @override
    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        return self._app(environ, start_response)


def serve(app: "WSGIApplication") -> Callable[[Request], Response]:
    """The view for `@functions_framework.http`: the app handles every request."""
    passed = _Passed(app)
    return lambda _request: passed
