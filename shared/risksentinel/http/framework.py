"""Our app behind functions-framework's one route."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from flask import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Passed(Response):
    default_mimetype = None  # an answer without a body must not get a content type on the way


def serve(app: "WSGIApplication") -> Callable[[Request], Response]:
    """The view for `@functions_framework.http`: the app answers, the framework only passes on.

    The answer is a stream, so that the framework does not read what is left of the request's
    body into memory: `app` has read what it wants, and it alone knows the limit.
    """

    def passed(request: Request) -> Response:
        return cast("Response", _Passed.from_app(app, request.environ))

    return passed
