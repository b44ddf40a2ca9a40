"""PlainResponse: sends the common form of a response in one step."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast

from flask import Response
from typing_extensions import override

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_WITH_BODY: Final = frozenset({200, 201, 202, 207, 404, 409, 422, 503})
_ENCODED_PATH: Final = re.compile(r"/[A-Za-z0-9/._~:@!$&'()*+,;=%-]*", re.ASCII)


class PlainResponse(Response):
    """A response of the app.

    The common form is a complete body with its length and, if any, a Location that is an encoded
    path. Its headers are sent as they are: werkzeug copies them twice and encodes the path again,
    with the same result.
    """

    @override
    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "HEAD" or not self._is_common():
            return super().__call__(environ, start_response)
        start_response(self.status, self.headers.to_wsgi_list())
        return cast("list[bytes]", self.response)

    def _is_common(self) -> bool:
        headers = self.headers
        location = headers.get("Location")
        return (
            self.status_code in _WITH_BODY
            and type(self.response) is list
            and "Content-Length" in headers
            and (location is None or _ENCODED_PATH.fullmatch(location) is not None)
            and not self._on_close
        )
