"""Serves a Flask app behind the single route of functions-framework."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from flask import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Passed(Response):
    default_mimetype = None  # a response without a body must not get a content type


def serve(app: "WSGIApplication") -> Callable[[Request], Response]:
    """The view for `@functions_framework.http`: the app handles every request.

    The response is a stream, so that the framework does not read the rest of the request's body
    into memory: the limit of the body is checked by `app` alone.
    """

    def passed(request: Request) -> Response:
        return cast("Response", _Passed.from_app(app, request.environ))

    return passed
